import type { Metadata } from "next";

export const metadata: Metadata = { title: "Notifications" };

export default function Page() {
  return (
    <section>
      <h1>Notifications</h1>
      <p>Which messages we send, and how often.</p>
    </section>
  );
}
