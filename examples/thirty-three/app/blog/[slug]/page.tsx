import type { Metadata } from "next";

type Props = { params: Promise<{ slug: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { slug } = await params;
  return { title: slug.replaceAll("-", " ") };
}

export default async function PostPage({ params }: Props) {
  const { slug } = await params;
  const paragraphs = Array.from(
    { length: 5 },
    (_, index) => `Paragraph ${index + 1} of ${slug}: it says something about the title and hands over to the next.`,
  );
  return (
    <article>
      <h1>{slug.replaceAll("-", " ")}</h1>
      {paragraphs.map((text) => (
        <p key={text}>{text}</p>
      ))}
    </article>
  );
}
