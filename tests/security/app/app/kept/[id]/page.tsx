import { notFound } from "next/navigation";

export const revalidate = 3600;
/** Who asks first has it made. */
export const generateStaticParams = () => [];

export default async function Kept({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  // Slow enough for others to ask meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 10));
  if (id.startsWith("gone")) notFound();
  if (id.startsWith("fails")) throw new Error("it always fails");
  return (
    <main>
      KEPT <i>{id}</i> WHOLE
    </main>
  );
}
