import type { Metadata } from "next";
import Link from "next/link";

export const metadata: Metadata = { title: "Docs" };

const sections = [
  "getting-started",
  "getting-started/install",
  "routing",
  "routing/dynamic-segments",
  "rendering",
  "rendering/streaming",
  "deploying",
  "reference/configuration/files",
];

export default function DocsPage() {
  return (
    <section>
      <h1>Docs</h1>
      <ul>
        {sections.map((section) => (
          <li key={section}>
            <Link href={`/docs/${section}`}>{section.replaceAll("/", " / ")}</Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
