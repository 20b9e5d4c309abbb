import type { Metadata } from "next";

export const metadata: Metadata = { title: "Privacy" };

export default function Page() {
  return (
    <article>
      <h1>Privacy</h1>
      <p>What we store, for how long, and how you have it deleted.</p>
      <p>This page is at /privacy, and it is as short as its address.</p>
    </article>
  );
}
