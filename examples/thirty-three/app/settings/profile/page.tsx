import type { Metadata } from "next";

export const metadata: Metadata = { title: "Profile" };

export default function Page() {
  return (
    <section>
      <h1>Profile</h1>
      <p>The name and picture that other people see.</p>
    </section>
  );
}
