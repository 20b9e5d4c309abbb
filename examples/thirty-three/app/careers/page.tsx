import type { Metadata } from "next";

export const metadata: Metadata = { title: "Careers" };

export default function Page() {
  return (
    <article>
      <h1>Careers</h1>
      <p>Open positions, how we hire, and what the first month looks like.</p>
      <p>This page is at /careers, and it is as short as its address.</p>
    </article>
  );
}
