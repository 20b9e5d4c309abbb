import type { Metadata } from "next";

export const metadata: Metadata = { title: "Partners" };

export default function Page() {
  return (
    <article>
      <h1>Partners</h1>
      <p>Companies that install, extend and teach the product.</p>
      <p>This page is at /partners, and it is as short as its address.</p>
    </article>
  );
}
