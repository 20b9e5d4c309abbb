//! The route table that ends a build, in the shape that Next users know.

use std::fmt::Write as _;

/// How a route answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rendering {
    /// Rendered once, then served from the cache.
    Static,
    /// Rendered for every request.
    Dynamic,
}

impl Rendering {
    fn symbol(self) -> char {
        match self {
            Self::Static => '○',
            Self::Dynamic => 'ƒ',
        }
    }

    fn legend(self) -> &'static str {
        match self {
            Self::Static => "(Static)   rendered on the first request, then served from the cache",
            Self::Dynamic => "(Dynamic)  rendered on demand",
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// The public pattern: `/blog/[slug]`.
    pub(crate) pattern: String,
    /// How it answers.
    pub(crate) rendering: Rendering,
    /// Compressed bytes of JavaScript that a first visit loads; `None` for route handlers.
    pub(crate) first_load: Option<u64>,
}

/// Renders the table: rows in path order, then what every page shares, then the legend.
pub(crate) fn render(mut rows: Vec<Row>, shared: u64) -> String {
    rows.sort_by(|a, b| a.pattern.cmp(&b.pattern));
    let width = rows.iter().map(|row| row.pattern.chars().count()).max().unwrap_or(0).max(24);
    let mut out = format!("{:<w$}  {:>10}\n", "Route (app)", "First load", w = width + 4);
    for (index, row) in rows.iter().enumerate() {
        let glyph = match (index, rows.len()) {
            (_, 1) => '─',
            (0, _) => '┌',
            (index, len) if index + 1 == len => '└',
            _ => '├',
        };
        let size = row.first_load.map_or_else(|| "-".to_owned(), kilobytes);
        let _ = writeln!(out, "{glyph} {} {:<width$}  {size:>10}", row.rendering.symbol(), row.pattern);
    }
    let _ = writeln!(out, "+ {:<w$}  {:>10}", "shared by all", kilobytes(shared), w = width + 2);
    let mut kinds: Vec<_> = rows.iter().map(|row| row.rendering).collect();
    kinds.sort_unstable();
    kinds.dedup();
    out.push('\n');
    for kind in kinds {
        let _ = writeln!(out, "{}  {}", kind.symbol(), kind.legend());
    }
    out
}

/// Bytes as people read them: decimal kilobytes, as Next printed them.
#[expect(clippy::cast_precision_loss, reason = "a file's size in kilobytes is shown with one decimal")]
pub(crate) fn kilobytes(bytes: u64) -> String {
    if bytes < 1000 { format!("{bytes} B") } else { format!("{:.1} kB", bytes as f64 / 1000.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pattern: &str, rendering: Rendering, first_load: Option<u64>) -> Row {
        Row { pattern: pattern.to_owned(), rendering, first_load }
    }

    #[test]
    fn the_table_lists_routes_in_path_order_with_a_legend_of_the_kinds_it_shows() {
        let table = render(
            vec![
                row("/blog/[slug]", Rendering::Dynamic, Some(80_400)),
                row("/", Rendering::Static, Some(79_000)),
                row("/api/health", Rendering::Dynamic, None),
            ],
            78_900,
        );
        insta::assert_snapshot!(table, @r"
        Route (app)                   First load
        ┌ ○ /                            79.0 kB
        ├ ƒ /api/health                        -
        └ ƒ /blog/[slug]                 80.4 kB
        + shared by all                  78.9 kB

        ○  (Static)   rendered on the first request, then served from the cache
        ƒ  (Dynamic)  rendered on demand
        ");
    }

    #[test]
    fn small_sizes_are_bytes() {
        assert_eq!(kilobytes(999), "999 B");
        assert_eq!(kilobytes(1000), "1.0 kB");
    }
}
