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

const pages = [
  ["features", "Features"],
  ["pricing", "Pricing"],
  ["team", "Team"],
  ["careers", "Careers"],
  ["contact", "Contact"],
  ["faq", "Frequently asked questions"],
  ["terms", "Terms of service"],
  ["privacy", "Privacy"],
  ["changelog", "Changelog"],
  ["roadmap", "Roadmap"],
  ["support", "Support"],
  ["community", "Community"],
  ["partners", "Partners"],
  ["press", "Press"],
  ["security", "Security"],
] as const;

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
      <h2>Not in the menu</h2>
      <ul>
        {pages.map(([path, title]) => (
          <li key={path}>
            <Link href={`/${path}`}>{title}</Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
