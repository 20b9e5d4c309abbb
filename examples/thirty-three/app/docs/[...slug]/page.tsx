import type { Metadata } from "next";

type Props = { params: Promise<{ slug: string[] }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { slug } = await params;
  return { title: slug.join(" / ") };
}

export default async function DocPage({ params }: Props) {
  const { slug } = await params;
  return (
    <article>
      <h1>{slug.join(" / ")}</h1>
      {["What it is", "How it is used", "What can go wrong"].map((heading) => (
        <section key={heading}>
          <h2>{heading}</h2>
          <p>
            {heading} is explained here for {slug.at(-1)}.
          </p>
        </section>
      ))}
    </article>
  );
}
