import type { Metadata } from "next";

export const metadata: Metadata = { title: "Features" };

export default function Page() {
  return (
    <article>
      <h1>Features</h1>
      <p>Everything the product does, on one page and in plain words.</p>
      <p>This page is at /features, and it is as short as its address.</p>
    </article>
  );
}
