import type { Metadata } from "next";
import { Counter } from "../_components/counter";

export const metadata: Metadata = { title: "Dashboard" };

const stats = [
  ["Visitors", "12,480"],
  ["Orders", "318"],
  ["Revenue", "€ 9,204"],
  ["Returns", "7"],
] as const;

export default function DashboardPage() {
  return (
    <section>
      <h1>Dashboard</h1>
      <div style={{ display: "grid", gridTemplateColumns: "repeat(4, 1fr)", gap: 12 }}>
        {stats.map(([name, value]) => (
          <div key={name} style={{ border: "1px solid #d0d7de", borderRadius: 8, padding: 12 }}>
            <div>{name}</div>
            <strong>{value}</strong>
          </div>
        ))}
      </div>
      <Counter label="Refreshes" />
    </section>
  );
}
