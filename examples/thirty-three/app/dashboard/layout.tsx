import type { ReactNode } from "react";
import { Timer } from "../_components/timer";

export default function DashboardLayout({ children }: { children: ReactNode }) {
  return (
    <div style={{ display: "grid", gridTemplateColumns: "200px 1fr", gap: 24 }}>
      <aside>
        <nav style={{ display: "grid", gap: 8 }}>
          <a href="/dashboard">Overview</a>
          <a href="/dashboard/analytics">Analytics</a>
          <a href="/dashboard/users">Users</a>
          <a href="/dashboard/settings">Settings</a>
        </nav>
        <Timer />
      </aside>
      <div>{children}</div>
    </div>
  );
}
