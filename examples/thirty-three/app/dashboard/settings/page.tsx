import type { Metadata } from "next";
import { Counter } from "../../_components/counter";

export const metadata: Metadata = { title: "Dashboard settings" };

export default function DashboardSettingsPage() {
  return (
    <section>
      <h1>Dashboard settings</h1>
      <p>How many rows a table shows before it turns the page.</p>
      <Counter label="Rows" />
    </section>
  );
}
