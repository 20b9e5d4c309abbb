import type { Metadata } from "next";

export const metadata: Metadata = { title: "Contact" };

export default function Page() {
  return (
    <article>
      <h1>Contact</h1>
      <p>Write to us and a person answers, usually within a working day.</p>
      <p>This page is at /contact, and it is as short as its address.</p>
    </article>
  );
}
