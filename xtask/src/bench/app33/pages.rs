//! The 33 routes themselves.

use std::fmt::Write as _;

use super::SourceFile;
use super::prng::Prng;

const SEED: u64 = 42;

/// Pages that are there for volume: path, title, first paragraph.
const VOLUME: [(&str, &str, &str); 15] = [
    ("features", "Features", "Everything the product does, on one page and in plain words."),
    ("pricing", "Pricing", "One price per seat, billed by the month, without a sales call."),
    ("team", "Team", "The people who build, run and answer for this product."),
    ("careers", "Careers", "Open positions, how we hire, and what the first month looks like."),
    ("contact", "Contact", "Write to us and a person answers, usually within a working day."),
    ("faq", "Frequently asked questions", ""),
    ("terms", "Terms of service", "The agreement between you and us, without the small print."),
    ("privacy", "Privacy", "What we store, for how long, and how you have it deleted."),
    ("changelog", "Changelog", "What changed, newest first, with the reason for each change."),
    ("roadmap", "Roadmap", "What we work on now, what comes next, and what will not come."),
    ("support", "Support", "How to reach us, and what to send along so that we can help at once."),
    ("community", "Community", "Where users meet, and the few rules that keep it pleasant."),
    ("partners", "Partners", "Companies that install, extend and teach the product."),
    ("press", "Press", "Logos, screenshots and short texts that may be printed."),
    ("security", "Security", "How reports are handled, and the advisories we have published."),
];

const PRODUCTS: [&str; 20] = [
    "Desk lamp",
    "Notebook",
    "Fountain pen",
    "Coffee grinder",
    "Tea kettle",
    "Wool blanket",
    "Bookend",
    "Wall clock",
    "Plant pot",
    "Step stool",
    "Coat hook",
    "Paper tray",
    "Ruler",
    "Pencil case",
    "Door stop",
    "Serving board",
    "Water carafe",
    "Cork mat",
    "Oak shelf",
    "Linen bag",
];

const ANALYTICS: [&str; 10] =
    ["/", "/about", "/products", "/products/3", "/blog", "/blog/post-1", "/docs", "/pricing", "/faq", "/contact"];

/// Pages that are a heading and a sentence: path, title, sentence.
const SETTINGS: [(&str, &str, &str); 4] = [
    ("settings", "Settings", "Choose a section on the left to change it."),
    ("settings/profile", "Profile", "The name and picture that other people see."),
    ("settings/notifications", "Notifications", "Which messages we send, and how often."),
    ("settings/billing", "Billing", "The plan you are on, and the card that pays for it."),
];

pub(super) fn sources() -> Vec<SourceFile> {
    let mut prng = Prng::new(SEED);
    let mut files: Vec<SourceFile> = FIXED.iter().map(|(path, text)| SourceFile::new(*path, *text)).collect();
    files.push(SourceFile::new("app/products/page.tsx", products(&mut prng)));
    files.push(SourceFile::new("app/dashboard/analytics/page.tsx", analytics(&mut prng)));
    files.push(SourceFile::new("app/docs/page.tsx", docs()));
    for (path, title, sentence) in SETTINGS {
        files.push(SourceFile::new(format!("app/{path}/page.tsx"), short_page(title, sentence)));
    }
    for (path, title, first) in VOLUME {
        let text = if path == "faq" { faq(title) } else { volume_page(path, title, first) };
        files.push(SourceFile::new(format!("app/{path}/page.tsx"), text));
    }
    files
}

fn products(prng: &mut Prng) -> String {
    let mut rows = String::new();
    for (index, name) in PRODUCTS.iter().enumerate() {
        let _ = writeln!(rows, "  {{ id: {}, name: \"{name}\", price: {} }},", index + 1, prng.price());
    }
    format!(
        r#"
import type {{ Metadata }} from "next";
import Link from "next/link";

export const metadata: Metadata = {{ title: "Products" }};

const products = [
{rows}];

export default function ProductsPage() {{
  return (
    <section>
      <h1>Products</h1>
      <div style={{{{ display: "grid", gridTemplateColumns: "repeat(4, 1fr)", gap: 16 }}}}>
        {{products.map((product) => (
          <Link
            key={{product.id}}
            href={{`/products/${{product.id}}`}}
            style={{{{ border: "1px solid #d0d7de", borderRadius: 8, padding: 12 }}}}
          >
            <strong>{{product.name}}</strong>
            <div>€ {{product.price.toFixed(2)}}</div>
          </Link>
        ))}}
      </div>
    </section>
  );
}}
"#
    )
}

fn analytics(prng: &mut Prng) -> String {
    let mut rows = String::new();
    for page in ANALYTICS {
        let _ = writeln!(rows, "  {{ page: \"{page}\", views: {}, bounce: {} }},", prng.below(10_000), prng.below(100));
    }
    format!(
        r#"
import type {{ Metadata }} from "next";

export const metadata: Metadata = {{ title: "Analytics" }};

const rows = [
{rows}];

export default function AnalyticsPage() {{
  return (
    <section>
      <h1>Analytics</h1>
      <table>
        <thead>
          <tr>
            <th>Page</th>
            <th>Views</th>
            <th>Bounce rate</th>
          </tr>
        </thead>
        <tbody>
          {{rows.map((row) => (
            <tr key={{row.page}}>
              <td>{{row.page}}</td>
              <td>{{row.views}}</td>
              <td>{{row.bounce}} %</td>
            </tr>
          ))}}
        </tbody>
      </table>
    </section>
  );
}}
"#
    )
}

/// The sections of the documentation, and the pages that no menu has room for: each page is to be reached by a click.
fn docs() -> String {
    let mut pages = String::new();
    for (path, title, _) in VOLUME {
        let _ = writeln!(pages, "  [\"{path}\", \"{title}\"],");
    }
    format!(
        r#"
import type {{ Metadata }} from "next";
import Link from "next/link";

export const metadata: Metadata = {{ title: "Docs" }};

const sections = [
  "getting-started",
  "getting-started/install",
  "routing",
  "routing/dynamic-segments",
  "rendering",
  "rendering/streaming",
  "deploying",
  "reference/configuration/files",
];

const pages = [
{pages}] as const;

export default function DocsPage() {{
  return (
    <section>
      <h1>Docs</h1>
      <ul>
        {{sections.map((section) => (
          <li key={{section}}>
            <Link href={{`/docs/${{section}}`}}>{{section.replaceAll("/", " / ")}}</Link>
          </li>
        ))}}
      </ul>
      <h2>Not in the menu</h2>
      <ul>
        {{pages.map(([path, title]) => (
          <li key={{path}}>
            <Link href={{`/${{path}}`}}>{{title}}</Link>
          </li>
        ))}}
      </ul>
    </section>
  );
}}
"#
    )
}

fn short_page(title: &str, sentence: &str) -> String {
    format!(
        r#"
import type {{ Metadata }} from "next";

export const metadata: Metadata = {{ title: "{title}" }};

export default function Page() {{
  return (
    <section>
      <h1>{title}</h1>
      <p>{sentence}</p>
    </section>
  );
}}
"#
    )
}

fn volume_page(path: &str, title: &str, first: &str) -> String {
    format!(
        r#"
import type {{ Metadata }} from "next";

export const metadata: Metadata = {{ title: "{title}" }};

export default function Page() {{
  return (
    <article>
      <h1>{title}</h1>
      <p>{first}</p>
      <p>This page is at /{path}, and it is as short as its address.</p>
    </article>
  );
}}
"#
    )
}

fn faq(title: &str) -> String {
    format!(
        r#"
import type {{ Metadata }} from "next";

export const metadata: Metadata = {{ title: "{title}" }};

const questions = Array.from({{ length: 10 }}, (_, index) => ({{
  question: `Question ${{index + 1}}: does it do what the title says?`,
  answer: `Answer ${{index + 1}}: yes, and it says so when it does not.`,
}}));

export default function Page() {{
  return (
    <article>
      <h1>{title}</h1>
      {{questions.map((entry) => (
        <details key={{entry.question}}>
          <summary>{{entry.question}}</summary>
          <p>{{entry.answer}}</p>
        </details>
      ))}}
    </article>
  );
}}
"#
    )
}

/// Everything that needs no generated data.
const FIXED: [(&str, &str); 19] = [
    (
        "app/layout.tsx",
        r##"
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
"##,
    ),
    (
        "app/page.tsx",
        r"
export default function HomePage() {
  return (
    <section>
      <h1>Thirty-three routes</h1>
      <p>
        Rendered at <time>{new Date().toISOString()}</time>.
      </p>
      <p>Five layouts, three client components and three dynamic segments, and nothing that an app would not have.</p>
    </section>
  );
}
",
    ),
    (
        "app/about/page.tsx",
        r#"
import type { Metadata } from "next";

export const metadata: Metadata = { title: "About", description: "What this app is for" };

export default function AboutPage() {
  return (
    <article>
      <h1>About</h1>
      <p>This app exists to be built and served by more than one framework, so that they can be compared.</p>
      <p>Its pages are small on purpose: what is measured is the framework, not the content.</p>
    </article>
  );
}
"#,
    ),
    (
        "app/_components/counter.tsx",
        r#"
"use client";

import { useState } from "react";

export function Counter({ label }: { label: string }) {
  const [count, setCount] = useState(0);
  return (
    <p>
      <span>
        {label}: <output>{count}</output>
      </span>{" "}
      <button type="button" onClick={() => setCount(count + 1)}>
        +
      </button>
    </p>
  );
}
"#,
    ),
    (
        "app/_components/timer.tsx",
        r#"
"use client";

import { useEffect, useState } from "react";

export function Timer() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const id = setInterval(() => setSeconds((value) => value + 1), 1000);
    return () => clearInterval(id);
  }, []);
  return <p data-testid="timer">Uptime: {seconds} s</p>;
}
"#,
    ),
    (
        "app/_components/search.tsx",
        r#"
"use client";

import { useState } from "react";

export function Search({ placeholder }: { placeholder: string }) {
  const [text, setText] = useState("");
  return (
    <div style={{ marginBottom: 16 }}>
      <input type="search" placeholder={placeholder} value={text} onChange={(event) => setText(event.target.value)} />
      {text !== "" && <p data-testid="echo">Searching for: {text}</p>}
    </div>
  );
}
"#,
    ),
    (
        "app/products/layout.tsx",
        r##"
import type { ReactNode } from "react";

export default function ProductsLayout({ children }: { children: ReactNode }) {
  return (
    <div>
      <header style={{ background: "#f6f8fa", padding: "8px 16px", marginBottom: 16 }}>Twenty things for a desk</header>
      {children}
    </div>
  );
}
"##,
    ),
    (
        "app/products/[id]/page.tsx",
        r#"
import type { Metadata } from "next";

type Props = { params: Promise<{ id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { id } = await params;
  return { title: `Product ${id}` };
}

export default async function ProductPage({ params }: Props) {
  const { id } = await params;
  return (
    <section>
      <h1>Product {id}</h1>
      <p>Shown at {new Date().toISOString()}.</p>
    </section>
  );
}
"#,
    ),
    (
        "app/blog/layout.tsx",
        r#"
import type { ReactNode } from "react";
import { Search } from "../_components/search";

export default function BlogLayout({ children }: { children: ReactNode }) {
  return (
    <div>
      <Search placeholder="Search the blog" />
      {children}
    </div>
  );
}
"#,
    ),
    (
        "app/blog/page.tsx",
        r#"
import type { Metadata } from "next";
import Link from "next/link";

export const metadata: Metadata = { title: "Blog" };

const topics = ["Rendering", "Routing", "Caching", "Streaming", "Bundling"];

const posts = Array.from({ length: 25 }, (_, index) => ({
  slug: `post-${index + 1}`,
  title: `${topics[index % topics.length]}, part ${Math.floor(index / topics.length) + 1}`,
  date: `2025-01-${String(index + 1).padStart(2, "0")}`,
}));

export default function BlogPage() {
  return (
    <section>
      <h1>Blog</h1>
      {posts.map((post) => (
        <article key={post.slug} style={{ marginBottom: 12 }}>
          <h2 style={{ margin: 0, fontSize: 18 }}>
            <Link href={`/blog/${post.slug}`}>{post.title}</Link>
          </h2>
          <time dateTime={post.date}>{post.date}</time>
        </article>
      ))}
    </section>
  );
}
"#,
    ),
    (
        "app/blog/[slug]/page.tsx",
        r#"
import type { Metadata } from "next";

type Props = { params: Promise<{ slug: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { slug } = await params;
  return { title: slug.replaceAll("-", " ") };
}

export default async function PostPage({ params }: Props) {
  const { slug } = await params;
  const paragraphs = Array.from(
    { length: 5 },
    (_, index) => `Paragraph ${index + 1} of ${slug}: it says something about the title and hands over to the next.`,
  );
  return (
    <article>
      <h1>{slug.replaceAll("-", " ")}</h1>
      {paragraphs.map((text) => (
        <p key={text}>{text}</p>
      ))}
    </article>
  );
}
"#,
    ),
    (
        "app/dashboard/layout.tsx",
        r#"
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
"#,
    ),
    (
        "app/dashboard/page.tsx",
        r#"
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
"#,
    ),
    (
        "app/dashboard/users/page.tsx",
        r#"
import type { Metadata } from "next";

export const metadata: Metadata = { title: "Users" };

const roles = ["Owner", "Editor", "Reader"];

const users = Array.from({ length: 15 }, (_, index) => ({
  id: index + 1,
  name: `User ${index + 1}`,
  mail: `user${index + 1}@example.com`,
  role: roles[index % roles.length],
}));

export default function UsersPage() {
  return (
    <section>
      <h1>Users</h1>
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th>Mail</th>
            <th>Role</th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <tr key={user.id}>
              <td>{user.name}</td>
              <td>{user.mail}</td>
              <td>{user.role}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
"#,
    ),
    (
        "app/dashboard/settings/page.tsx",
        r#"
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
"#,
    ),
    (
        "app/docs/[...slug]/page.tsx",
        r#"
import type { Metadata } from "next";

type Props = { params: Promise<{ slug: string[] }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { slug } = await params;
  return { title: slug.join(" / ") };
}

export default async function DocPage({ params }: Props) {
  const { slug } = await params;
  return (
    <article>
      <h1>{slug.join(" / ")}</h1>
      {["What it is", "How it is used", "What can go wrong"].map((heading) => (
        <section key={heading}>
          <h2>{heading}</h2>
          <p>
            {heading} is explained here for {slug.at(-1)}.
          </p>
        </section>
      ))}
    </article>
  );
}
"#,
    ),
    (
        "app/settings/layout.tsx",
        r#"
import type { ReactNode } from "react";

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <div style={{ display: "grid", gridTemplateColumns: "160px 1fr", gap: 24 }}>
      <nav style={{ display: "grid", gap: 8, alignContent: "start" }}>
        <a href="/settings">General</a>
        <a href="/settings/profile">Profile</a>
        <a href="/settings/notifications">Notifications</a>
        <a href="/settings/billing">Billing</a>
      </nav>
      <div>{children}</div>
    </div>
  );
}
"#,
    ),
    (
        "app/api/health/route.ts",
        r#"
export function GET() {
  return Response.json({ status: "ok", timestamp: new Date().toISOString() });
}
"#,
    ),
    (
        "app/api/data/route.ts",
        r"
export function GET() {
  const rows = Array.from({ length: 100 }, (_, index) => ({
    id: index,
    value: Math.random(),
    label: `Item ${index}`,
  }));
  return Response.json(rows);
}
",
    ),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn prices_and_figures_do_not_depend_on_when_they_are_generated() {
        let text = |path: &str| sources().into_iter().find(|file| file.path == path).map(|file| file.text);
        assert_eq!(text("app/products/page.tsx"), text("app/products/page.tsx"));
        assert!(text("app/products/page.tsx").unwrap().contains("name: \"Linen bag\", price: "));
    }
}
