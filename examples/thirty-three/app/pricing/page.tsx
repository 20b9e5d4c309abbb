import type { Metadata } from "next";

export const metadata: Metadata = { title: "Pricing" };

export default function Page() {
  return (
    <article>
      <h1>Pricing</h1>
      <p>One price per seat, billed by the month, without a sales call.</p>
      <p>This page is at /pricing, and it is as short as its address.</p>
    </article>
  );
}
