import type { Metadata } from "next";

export const metadata: Metadata = { title: "Roadmap" };

export default function Page() {
  return (
    <article>
      <h1>Roadmap</h1>
      <p>What we work on now, what comes next, and what will not come.</p>
      <p>This page is at /roadmap, and it is as short as its address.</p>
    </article>
  );
}
