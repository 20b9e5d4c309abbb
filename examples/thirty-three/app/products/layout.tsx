import type { ReactNode } from "react";

export default function ProductsLayout({ children }: { children: ReactNode }) {
  return (
    <div>
      <header style={{ background: "#f6f8fa", padding: "8px 16px", marginBottom: 16 }}>Twenty things for a desk</header>
      {children}
    </div>
  );
}
