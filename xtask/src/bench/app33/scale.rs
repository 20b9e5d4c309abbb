//! The app at other sizes: any number of generated pages, with enough client widgets and plain modules behind them that
//! a bundler's graph grows with the routes.

use std::fmt::Write as _;

use super::SourceFile;

/// `extra` pages below `/gen`, and an eighth as many (but at least eight) widgets and plain modules.
pub(super) fn sources(extra: usize) -> Vec<SourceFile> {
    let shared = (extra / 8).max(8);
    let mut files = Vec::with_capacity(extra + 2 * shared);
    for index in 0..shared {
        files.push(SourceFile::new(format!("app/_gen/widget-{index}.tsx"), widget(index)));
        files.push(SourceFile::new(format!("app/_gen/rows-{index}.js"), rows(index)));
    }
    for index in 0..extra {
        files.push(SourceFile::new(format!("app/gen/r{index}/page.tsx"), page(index, extra, shared)));
    }
    files
}

fn widget(index: usize) -> String {
    format!(
        r#""use client";

import {{ useState }} from "react";

export function Widget{index}({{ start }}: {{ start: number }}) {{
  const [value, setValue] = useState(start);
  return (
    <button type="button" onClick={{() => setValue(value + {step})}}>
      Widget {index}: {{value}}
    </button>
  );
}}
"#,
        step = index % 7 + 1
    )
}

fn rows(index: usize) -> String {
    format!(
        r"const WEIGHT = {weight};

export function rows{index}(offset) {{
  return Array.from({{ length: 24 }}, (_, row) => ({{
    key: `r${{offset + row}}`,
    label: `Row ${{row + 1}} of set {index}`,
    amount: ((offset + row) * WEIGHT) % 997,
  }}));
}}
",
        weight = index * 2 + 3
    )
}

fn page(index: usize, extra: usize, shared: usize) -> String {
    let util = index % shared;
    let mut widgets: Vec<usize> = [index, index + 1, index + 5].iter().map(|widget| widget % shared).collect();
    widgets.sort_unstable();
    widgets.dedup();
    let mut imports = String::new();
    let mut uses = String::new();
    for widget in widgets {
        let _ = writeln!(imports, "import {{ Widget{widget} }} from \"../../_gen/widget-{widget}\";");
        let _ = write!(uses, "\n        <Widget{widget} start={{{index}}} />");
    }
    format!(
        r#"import type {{ Metadata }} from "next";
import Link from "next/link";
{imports}import {{ rows{util} }} from "../../_gen/rows-{util}.js";

export const metadata: Metadata = {{
  title: "Generated {index}",
  description: "Page {index} of {extra} generated ones",
}};

function Table({{ title, rows }}: {{ title: string; rows: {{ key: string; label: string; amount: number }}[] }}) {{
  return (
    <section>
      <h2>{{title}}</h2>
      <table>
        <tbody>
          {{rows.map((row) => (
            <tr key={{row.key}}>
              <td>{{row.label}}</td>
              <td>{{row.amount}}</td>
            </tr>
          ))}}
        </tbody>
      </table>
    </section>
  );
}}

export default function Page() {{
  const rows = rows{util}({index});
  return (
    <article>
      <h1>Generated {index}</h1>
      <Table title="First half" rows={{rows.slice(0, 12)}} />
      <Table title="Second half" rows={{rows.slice(12)}} />
      <p>
        <Link href="/gen/r{next}">Next</Link> <Link href="/gen/r{skip}">Skip ahead</Link> <Link href="/">Home</Link>
      </p>
      <div>{uses}
      </div>
    </article>
  );
}}
"#,
        next = (index + 1) % extra,
        skip = (index + 17) % extra,
    )
}
