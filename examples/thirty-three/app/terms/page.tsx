import type { Metadata } from "next";

export const metadata: Metadata = { title: "Terms of service" };

export default function Page() {
  return (
    <article>
      <h1>Terms of service</h1>
      <p>The agreement between you and us, without the small print.</p>
      <p>This page is at /terms, and it is as short as its address.</p>
    </article>
  );
}
