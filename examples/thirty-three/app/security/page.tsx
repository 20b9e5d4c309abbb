import type { Metadata } from "next";

export const metadata: Metadata = { title: "Security" };

export default function Page() {
  return (
    <article>
      <h1>Security</h1>
      <p>How reports are handled, and the advisories we have published.</p>
      <p>This page is at /security, and it is as short as its address.</p>
    </article>
  );
}
