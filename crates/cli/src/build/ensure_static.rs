//! `ensureStatic`: how much of a route must not wait for a request, and whether its segments agree about it.

use camino::Utf8Path;
use vinext_compiler::bundle::BuildOutput;
use vinext_compiler::directives::{EnsureStatic, SegmentConfig};
use vinext_router::{FileRole, Route, RouteGraph, SegmentTree};

use super::static_params;
use crate::error::CliError;

/// What the files of an app say.
type Configs<'o> = dyn Fn(&Utf8Path) -> Option<&'o SegmentConfig> + 'o;

/// A level, and the file that says it.
type Said<'r> = (EnsureStatic, &'r Utf8Path);

/// Refuses routes whose segments contradict each other, and those that are to be rendered with the build but do not say for
/// which parameters.
pub(super) fn check(graph: &RouteGraph, output: &BuildOutput) -> Result<(), CliError> {
    for route in &graph.routes {
        let Some(tree) = route.tree() else { continue };
        let config = |file: &Utf8Path| output.files.get(file.as_str()).map(|info| &info.config);
        let failed = |problem| CliError::EnsureStatic { route: route.pattern.to_string(), problem };
        said_in(tree, None, &config).map_err(failed)?;
        let lists = || static_params::configs(route, output).iter().any(|config| config.has_static_params);
        if is_whole(route, output) && route.pattern.is_dynamic() && !lists() {
            let problem =
                "`ensureStatic = \"navigation\"` needs `generateStaticParams()`, and none of its files exports one";
            return Err(failed(problem.to_owned()));
        }
    }
    Ok(())
}

/// Whether all of a route is the same for everybody who asks for it: one segment that says so says it of all.
pub(super) fn is_whole(route: &Route, output: &BuildOutput) -> bool {
    let says = |config: &&SegmentConfig| config.ensure_static == Some(EnsureStatic::Navigation);
    route.tree().is_some() && static_params::configs(route, output).iter().any(says)
}

/// What a branch says, if it says anything; `above` is what holds for it.
fn said_in<'r>(
    node: &'r SegmentTree,
    above: Option<Said<'r>>,
    config: &Configs<'_>,
) -> Result<Option<Said<'r>>, String> {
    let mut said = None;
    for role in [FileRole::Layout, FileRole::Page, FileRole::Default] {
        let Some(file) = node.files.get(&role) else { continue };
        let Some(level) = config(file).and_then(|config| config.ensure_static) else { continue };
        agree(said.or(above), (level, file))?;
        said = Some((level, file));
    }
    let above = said.or(above);
    let mut beside: Option<Said<'r>> = None;
    for slot in node.slots.values() {
        let Some(own) = said_in(slot, above, config)? else { continue };
        if let Some(other) = beside.filter(|other| other.0 != own.0) {
            return Err(format!("{} and {} are shown together, and disagree", word(other), word(own)));
        }
        beside = Some(own);
    }
    Ok(beside.or(said))
}

/// Whether a segment may say this below another: it may ask for more, not for less.
fn agree(above: Option<Said<'_>>, below: Said<'_>) -> Result<(), String> {
    let Some(above) = above.filter(|above| above.0 != below.0) else { return Ok(()) };
    if above.0 == EnsureStatic::Never || below.0 == EnsureStatic::Never {
        return Err(format!("{} contradicts {} above it", word(below), word(above)));
    }
    if below.0 < above.0 {
        return Err(format!("{} asks for less than {} above it", word(below), word(above)));
    }
    Ok(())
}

fn word((level, file): Said<'_>) -> String {
    let value = match level {
        EnsureStatic::Never => "false",
        EnsureStatic::Shell => "\"shell\"",
        EnsureStatic::Prefetch => "\"prefetch\"",
        EnsureStatic::Navigation => "\"navigation\"",
    };
    format!("`ensureStatic = {value}` of {file}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use super::*;

    /// A layout with two slots.
    fn of(
        layout: Option<EnsureStatic>,
        page: Option<EnsureStatic>,
        slot: Option<EnsureStatic>,
    ) -> Result<Option<EnsureStatic>, String> {
        let mut root = SegmentTree::new("");
        root.files.insert(FileRole::Layout, "layout.tsx".into());
        root.slots.insert(SegmentTree::CHILDREN.to_owned(), SegmentTree::page(Some("page.tsx".into())));
        root.slots.insert("side".to_owned(), SegmentTree::page(Some("side.tsx".into())));
        let says = [("layout.tsx", layout), ("page.tsx", page), ("side.tsx", slot)].map(|(file, ensure_static)| {
            let mut config = SegmentConfig::default();
            config.ensure_static = ensure_static;
            (file, config)
        });
        let says = BTreeMap::from(says);
        said_in(&root, None, &|file| says.get(file.as_str())).map(|said| said.map(|(level, _)| level))
    }

    #[test]
    fn a_segment_may_ask_for_more_than_those_above_it() {
        use EnsureStatic::{Navigation, Never, Prefetch, Shell};
        assert_eq!(of(None, None, None), Ok(None));
        assert_eq!(of(Some(Shell), None, None), Ok(Some(Shell)));
        assert_eq!(of(Some(Shell), Some(Navigation), None), Ok(Some(Navigation)));
        assert_eq!(of(Some(Never), Some(Never), None), Ok(Some(Never)));
        assert!(of(Some(Prefetch), Some(Shell), None).unwrap_err().contains("asks for less than"));
        assert!(of(Some(Shell), Some(Never), None).unwrap_err().contains("contradicts"));
        assert!(of(Some(Never), None, Some(Shell)).unwrap_err().contains("side.tsx"));
    }

    #[test]
    fn what_is_shown_together_agrees() {
        use EnsureStatic::{Navigation, Prefetch};
        assert_eq!(of(None, Some(Prefetch), Some(Prefetch)), Ok(Some(Prefetch)));
        assert_eq!(of(Some(Prefetch), Some(Navigation), None), Ok(Some(Navigation)));
        assert!(of(None, Some(Prefetch), Some(Navigation)).unwrap_err().contains("disagree"));
    }
}
