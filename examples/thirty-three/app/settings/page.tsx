import type { Metadata } from "next";

export const metadata: Metadata = { title: "Settings" };

export default function Page() {
  return (
    <section>
      <h1>Settings</h1>
      <p>Choose a section on the left to change it.</p>
    </section>
  );
}
