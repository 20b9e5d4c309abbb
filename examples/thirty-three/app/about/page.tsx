import type { Metadata } from "next";

export const metadata: Metadata = { title: "About", description: "What this app is for" };

export default function AboutPage() {
  return (
    <article>
      <h1>About</h1>
      <p>This app exists to be built and served by more than one framework, so that they can be compared.</p>
      <p>Its pages are small on purpose: what is measured is the framework, not the content.</p>
    </article>
  );
}
