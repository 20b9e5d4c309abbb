//! The route table that ends a build, in the shape that Next users know.

use std::fmt::Write as _;

/// How a route answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rendering {
    /// Rendered with the build.
    Static(Lifetime),
    /// Its paths are listed by `generateStaticParams`.
    Listed(Lifetime),
    /// Rendered with the build as far as it is the same for everybody.
    Partial(Lifetime),
    /// Rendered for every request.
    Dynamic,
}

/// For how many seconds a page is good; `None` is until it is invalidated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Lifetime {
    /// Then it is served once more while it is rendered again.
    pub(crate) revalidate: Option<u64>,
    /// Then it is not served any more.
    pub(crate) expire: Option<u64>,
}

impl Rendering {
    fn symbol(self) -> char {
        match self {
            Self::Static(_) => '○',
            Self::Listed(_) => '●',
            Self::Partial(_) => '◐',
            Self::Dynamic => 'ƒ',
        }
    }

    fn legend(self, is_exported: bool) -> &'static str {
        match self {
            Self::Listed(_) if is_exported => "(SSG)      rendered with the build (generateStaticParams)",
            Self::Dynamic if is_exported => "(Dynamic)  not exported",
            Self::Static(_) => "(Static)   rendered with the build",
            Self::Listed(_) => {
                "(SSG)      rendered with the build, and once for each other path (generateStaticParams)"
            }
            Self::Partial(_) => "(Partial Prerender)  rendered with the build, and what differs by request on demand",
            Self::Dynamic => "(Dynamic)  rendered on demand",
        }
    }

    fn lifetime(self) -> Lifetime {
        match self {
            Self::Static(lifetime) | Self::Listed(lifetime) | Self::Partial(lifetime) => lifetime,
            Self::Dynamic => Lifetime::default(),
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

/// Renders the table: rows in path order, then what every page shares, then the legend. Nothing of an app that is exported
/// is rendered later.
pub(crate) fn render(mut rows: Vec<Row>, shared: u64, is_exported: bool) -> String {
    rows.sort_by(|a, b| a.pattern.cmp(&b.pattern));
    let width = rows.iter().map(|row| row.pattern.chars().count()).max().unwrap_or(0).max(24);
    let is_renewed = rows.iter().any(|row| row.rendering.lifetime().revalidate.is_some());
    let mut out = format!("{:<w$}  {:>10}", "Route (app)", "First load", w = width + 4);
    out.push_str(if is_renewed { "  Revalidate  Expire\n" } else { "\n" });
    for (index, row) in rows.iter().enumerate() {
        let glyph = match (index, rows.len()) {
            (_, 1) => '─',
            (0, _) => '┌',
            (index, len) if index + 1 == len => '└',
            _ => '├',
        };
        let size = row.first_load.map_or_else(|| "-".to_owned(), kilobytes);
        let _ = write!(out, "{glyph} {} {:<width$}  {size:>10}", row.rendering.symbol(), row.pattern);
        let Lifetime { revalidate, expire } = row.rendering.lifetime();
        if let Some(revalidate) = revalidate {
            let _ = write!(out, "  {:>10}", seconds(revalidate));
            if let Some(expire) = expire {
                let _ = write!(out, "  {:>6}", seconds(expire));
            }
        }
        out.push('\n');
    }
    let _ = writeln!(out, "+ {:<w$}  {:>10}", "shared by all", kilobytes(shared), w = width + 2);
    let mut kinds: Vec<_> = rows.iter().map(|row| row.rendering).collect();
    kinds.sort_unstable();
    kinds.dedup_by_key(|kind| kind.symbol());
    out.push('\n');
    for kind in kinds {
        let _ = writeln!(out, "{}  {}", kind.symbol(), kind.legend(is_exported));
    }
    out
}

/// Bytes as people read them: decimal kilobytes, as Next printed them.
#[expect(clippy::cast_precision_loss, reason = "a file's size in kilobytes is shown with one decimal")]
pub(crate) fn kilobytes(bytes: u64) -> String {
    if bytes < 1000 { format!("{bytes} B") } else { format!("{:.1} kB", bytes as f64 / 1000.0) }
}

/// A time in the largest unit that it has without a rest, as Next's table shows it.
fn seconds(seconds: u64) -> String {
    const UNITS: [(u64, &str); 5] = [(31_536_000, "y"), (604_800, "w"), (86_400, "d"), (3600, "h"), (60, "m")];
    let unit = UNITS.iter().find(|(length, _)| seconds >= *length && seconds.is_multiple_of(*length));
    unit.map_or_else(|| format!("{seconds}s"), |(length, name)| format!("{}{name}", seconds / length))
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
                row("/", Rendering::Static(Lifetime { revalidate: Some(60), expire: Some(31_536_000) }), Some(79_000)),
                row("/docs/[page]", Rendering::Listed(Lifetime::default()), Some(80_000)),
                row("/api/health", Rendering::Dynamic, None),
            ],
            78_900,
            false,
        );
        insta::assert_snapshot!(table, @r"
        Route (app)                   First load  Revalidate  Expire
        ┌ ○ /                            79.0 kB          1m      1y
        ├ ƒ /api/health                        -
        ├ ƒ /blog/[slug]                 80.4 kB
        └ ● /docs/[page]                 80.0 kB
        + shared by all                  78.9 kB

        ○  (Static)   rendered with the build
        ●  (SSG)      rendered with the build, and once for each other path (generateStaticParams)
        ƒ  (Dynamic)  rendered on demand
        ");
    }

    #[test]
    fn nothing_of_an_export_is_rendered_later() {
        let listed = row("/docs/[page]", Rendering::Listed(Lifetime::default()), None);
        let table = render(vec![row("/api", Rendering::Dynamic, None), listed], 0, true);
        assert!(
            table.contains("rendered with the build (generateStaticParams)\nƒ  (Dynamic)  not exported\n"),
            "{table}"
        );
    }

    #[test]
    fn small_sizes_are_bytes() {
        assert_eq!(kilobytes(999), "999 B");
        assert_eq!(kilobytes(1000), "1.0 kB");
    }
}
