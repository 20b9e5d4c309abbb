import type { Metadata } from "next";

export const metadata: Metadata = { title: "Team" };

export default function Page() {
  return (
    <article>
      <h1>Team</h1>
      <p>The people who build, run and answer for this product.</p>
      <p>This page is at /team, and it is as short as its address.</p>
    </article>
  );
}
