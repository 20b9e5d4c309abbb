import type { Metadata } from "next";

export const metadata: Metadata = { title: "Support" };

export default function Page() {
  return (
    <article>
      <h1>Support</h1>
      <p>How to reach us, and what to send along so that we can help at once.</p>
      <p>This page is at /support, and it is as short as its address.</p>
    </article>
  );
}
