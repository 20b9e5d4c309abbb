import type { Metadata } from "next";

type Props = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { id } = await params;
  return { title: `Product ${id}` };
}

export default async function ProductPage({ params }: Props) {
  const { id } = await params;
  return (
    <section>
      <h1>Product {id}</h1>
      <p>Shown at {new Date().toISOString()}.</p>
    </section>
  );
}
