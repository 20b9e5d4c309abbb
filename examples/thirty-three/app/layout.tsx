import type { Metadata } from "next";
import type { ReactNode } from "react";

export const dynamic = "force-dynamic";

export const metadata: Metadata = {
  title: { template: "%s | Thirty-three", default: "Thirty-three" },
  description: "An app with thirty-three routes",
};

const links = [
  ["/", "Home"],
  ["/products", "Products"],
  ["/blog", "Blog"],
  ["/dashboard", "Dashboard"],
  ["/about", "About"],
  ["/docs", "Docs"],
  ["/settings", "Settings"],
] as const;

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body style={{ margin: 0, fontFamily: "system-ui, sans-serif", color: "#1f2328" }}>
        <nav style={{ display: "flex", gap: 16, padding: 16, borderBottom: "1px solid #d0d7de" }}>
          {links.map(([href, label]) => (
            <a key={href} href={href}>
              {label}
            </a>
          ))}
        </nav>
        <main style={{ maxWidth: 960, margin: "0 auto", padding: 16 }}>{children}</main>
      </body>
    </html>
  );
}
