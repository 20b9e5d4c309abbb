//! The 33-route app with pages that are served in ways that it has not.

use super::super::app33::{self, SourceFile};

/// A file of 10 kB.
pub(super) fn file() -> String {
    "The same ten thousand bytes for everybody, again and again.\n".repeat(167)
}

/// The sources of the app.
pub(super) fn sources() -> Vec<SourceFile> {
    let mut files = app33::sources(0);
    for file in &mut files {
        // The app is made for every request; here, some of its pages say so themselves.
        file.text = file.text.replace("export const dynamic = \"force-dynamic\";\n", "");
    }
    files.extend([
        SourceFile::new("app/serve/isr/page.tsx", ISR),
        SourceFile::new("app/serve/small/page.tsx", SMALL),
        SourceFile::new("app/serve/products/page.tsx", PRODUCTS),
        SourceFile::new("app/serve/rows/page.tsx", ROWS),
        SourceFile::new("app/serve/stream/page.tsx", STREAM),
    ]);
    files
}

const ISR: &str = r"
export const revalidate = 3600;

export default function Page() {
  return (
    <main>
      <h1>Made once an hour</h1>
      <ul>
        {Array.from({ length: 40 }, (_, index) => (
          <li key={index}>Entry {index + 1} of a page that is stored</li>
        ))}
      </ul>
    </main>
  );
}
";

const SMALL: &str = r#"
import { connection } from "next/server";

export default async function Page() {
  await connection();
  return <h1>Made for this request</h1>;
}
"#;

/// What `/products` shows, for every request.
const PRODUCTS: &str = r#"
import { connection } from "next/server";
import Products from "../../products/page";

export default async function Page() {
  await connection();
  return <Products />;
}
"#;

const ROWS: &str = r#"
import { connection } from "next/server";

function id(seed: number): string {
  const hex = Math.imul(seed + 1, 2654435761).toString(16).replace("-", "").padStart(8, "0");
  return `${hex}-${hex.slice(0, 4)}-4${hex.slice(1, 4)}-8${hex.slice(4, 7)}-${hex}${hex.slice(0, 4)}`;
}

async function rows(): Promise<{ id: string; name: string }[]> {
  return Array.from({ length: 1000 }, (_, index) => ({ id: id(index), name: id(index + 1000) }));
}

export default async function Page() {
  await connection();
  const all = await rows();
  return (
    <table>
      <tbody>
        {all.map((row) => (
          <tr key={row.id}>
            <td>{row.id}</td>
            <td>{row.name}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
"#;

const STREAM: &str = r#"
import { Suspense } from "react";
import { connection } from "next/server";

async function Late({ after }: { after: number }) {
  await new Promise((resolve) => setTimeout(resolve, after));
  return <p>Came after {after} ms</p>;
}

export default async function Page() {
  await connection();
  return (
    <main>
      <h1>In three parts</h1>
      {[5, 10, 20].map((after) => (
        <Suspense key={after} fallback={<p>On its way</p>}>
          <Late after={after} />
        </Suspense>
      ))}
    </main>
  );
}
"#;
