import type { Metadata } from "next";

export const metadata: Metadata = { title: "Community" };

export default function Page() {
  return (
    <article>
      <h1>Community</h1>
      <p>Where users meet, and the few rules that keep it pleasant.</p>
      <p>This page is at /community, and it is as short as its address.</p>
    </article>
  );
}
