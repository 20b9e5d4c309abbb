import type { Metadata } from "next";

export const metadata: Metadata = { title: "Changelog" };

export default function Page() {
  return (
    <article>
      <h1>Changelog</h1>
      <p>What changed, newest first, with the reason for each change.</p>
      <p>This page is at /changelog, and it is as short as its address.</p>
    </article>
  );
}
