//! Which stylesheets travel in one file.
//!
//! A page names its stylesheets by URL, and every URL is a request. Files that are always wanted together, one right
//! after the other, are therefore joined; nothing else is, so no page loads a rule it does not use and the order of
//! rules is the same as with separate files.

use std::collections::BTreeMap;

use arcstr::ArcStr;
use rustc_hash::{FxHashMap, FxHashSet};

/// What stands beside a stylesheet in every list: `None` at an end, or when lists disagree.
type Neighbours<'a> = FxHashMap<&'a ArcStr, Option<&'a ArcStr>>;

/// Joins stylesheets that are neighbours in every list that has one of them. Gives the joined runs, each in order.
pub(crate) fn join(lists: &[Vec<ArcStr>]) -> Vec<Vec<ArcStr>> {
    let mut after: Neighbours<'_> = FxHashMap::default();
    let mut before: Neighbours<'_> = FxHashMap::default();
    for list in lists {
        for (index, sheet) in list.iter().enumerate() {
            note(&mut after, sheet, list.get(index + 1));
            note(&mut before, sheet, index.checked_sub(1).and_then(|index| list.get(index)));
        }
    }
    let follows = |first: &ArcStr| {
        let second = after.get(first).copied().flatten()?;
        (before.get(second).copied().flatten() == Some(first)).then_some(second)
    };
    let leads = |second: &ArcStr| {
        let first = before.get(second).copied().flatten()?;
        (after.get(first).copied().flatten() == Some(second)).then_some(first)
    };
    let mut done: FxHashSet<&ArcStr> = FxHashSet::default();
    let mut runs = Vec::new();
    for sheet in lists.iter().flatten() {
        if done.contains(sheet) {
            continue;
        }
        let mut first = sheet;
        while let Some(earlier) = leads(first).filter(|&earlier| earlier != sheet) {
            first = earlier;
        }
        let mut run = Vec::new();
        let mut next = Some(first);
        while let Some(sheet) = next.filter(|&sheet| done.insert(sheet)) {
            run.push(sheet.clone());
            next = follows(sheet);
        }
        runs.push(run);
    }
    runs
}

fn note<'a>(neighbours: &mut Neighbours<'a>, sheet: &'a ArcStr, neighbour: Option<&'a ArcStr>) {
    neighbours
        .entry(sheet)
        .and_modify(|known| *known = known.filter(|&known| Some(known) == neighbour))
        .or_insert(neighbour);
}

/// Rewrites a list of stylesheets as the URLs of the runs they are in.
pub(crate) fn urls(list: &[ArcStr], url_of: &BTreeMap<ArcStr, String>) -> Vec<String> {
    let mut urls: Vec<String> = Vec::with_capacity(list.len());
    for url in list.iter().filter_map(|sheet| url_of.get(sheet)) {
        if !urls.contains(url) {
            urls.push(url.clone());
        }
    }
    urls
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(lists: &[&[&str]]) -> Vec<String> {
        let lists: Vec<Vec<ArcStr>> =
            lists.iter().map(|list| list.iter().map(|&sheet| ArcStr::from(sheet)).collect()).collect();
        join(&lists).iter().map(|run| run.join("+")).collect()
    }

    #[test]
    fn neighbours_that_always_come_together_are_joined() {
        assert_eq!(joined(&[&["a", "b", "c"], &["a", "b"], &["d"]]), ["a+b", "c", "d"]);
    }

    #[test]
    fn nothing_is_joined_that_some_list_has_alone_or_in_another_order() {
        assert_eq!(joined(&[&["a", "b"], &["b"]]), ["a", "b"]);
        assert_eq!(joined(&[&["a", "b"], &["b", "a"]]), ["a", "b"]);
        assert_eq!(joined(&[&["a", "x", "b"], &["a", "b"]]), ["a", "x", "b"]);
    }

    #[test]
    fn a_run_is_found_from_its_middle() {
        assert_eq!(joined(&[&["c"], &["a", "b", "d"]]), ["c", "a+b+d"]);
    }
}
