import type { Metadata } from "next";

export const metadata: Metadata = { title: "Billing" };

export default function Page() {
  return (
    <section>
      <h1>Billing</h1>
      <p>The plan you are on, and the card that pays for it.</p>
    </section>
  );
}
