import type { Metadata } from "next";

export const metadata: Metadata = { title: "Press" };

export default function Page() {
  return (
    <article>
      <h1>Press</h1>
      <p>Logos, screenshots and short texts that may be printed.</p>
      <p>This page is at /press, and it is as short as its address.</p>
    </article>
  );
}
