//! An export and a static host, as a model: whatever pages there are, the host finds each at its own URL.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use camino::Utf8Component;
use proptest::prelude::*;
use vinext_adapters::export::{FileName, Plan};
use vinext_router::CanonicalPath;

/// Segments that meet each other, and those that lead elsewhere if they are read as paths.
fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab]{1,2}",
        prop::sample::select(vec![
            "index",
            "404",
            "a.html",
            "a.txt",
            "index.html",
            "_next",
            "a b",
            "ü",
            "../a",
            "..\\a",
            "a/b",
            "...",
            "C:",
            "%2e%2e",
        ])
        .prop_map(str::to_owned),
        "[^\\x00-\\x1f\\x7f]{1,6}",
    ]
}

fn path() -> impl Strategy<Value = CanonicalPath> {
    prop::collection::vec(segment(), 0..4)
        .prop_filter_map("a path", |segments| CanonicalPath::from_segments(segments).ok())
}

/// The files that were planned, with the URLs that they are for.
struct Site {
    files: BTreeMap<FileName, Option<CanonicalPath>>,
    pages: Vec<CanonicalPath>,
}

fn site(paths: Vec<(bool, CanonicalPath)>, trailing_slash: bool) -> Site {
    let mut plan = Plan::new(trailing_slash);
    let mut site = Site { files: BTreeMap::new(), pages: Vec::new() };
    for (is_page, path) in paths {
        if is_page {
            let Ok(files) = plan.add_page(&path) else { continue };
            assert_eq!(site.files.insert(files.document, Some(path.clone())), None);
            assert_eq!(site.files.insert(files.payload, None), None);
            site.pages.push(path);
        } else if let Ok(file) = plan.add_file(&path) {
            assert_eq!(site.files.insert(file, Some(path)), None);
        }
    }
    site
}

/// What a host without rules sends for a URL: the file itself, the page of that name, or the folder's index.
fn served<'s>(site: &'s Site, path: &CanonicalPath, with_slash: bool) -> Option<&'s CanonicalPath> {
    let segments: Vec<_> = path.decoded_segments().collect();
    let file = |segments: Vec<String>| site.files.get(&FileName::new(segments)?)?.as_ref();
    let index = || file([&segments[..], &["index.html".to_owned()]].concat());
    if with_slash || segments.is_empty() {
        return index();
    }
    let mut page = segments.clone();
    page.last_mut().unwrap().push_str(".html");
    file(segments.clone()).or_else(|| file(page)).or_else(index)
}

proptest! {
    #[test]
    fn no_file_leaves_the_folder_or_is_in_anothers_way(paths in prop::collection::vec((any::<bool>(), path()), 0..12), slash: bool) {
        let site = site(paths, slash);
        for file in site.files.keys() {
            prop_assert!(file.as_path().components().all(|part| matches!(part, Utf8Component::Normal(_))), "{file}");
            prop_assert!(!file.as_path().starts_with("_next"));
            for other in site.files.keys().filter(|other| *other != file) {
                prop_assert!(!other.as_path().starts_with(file.as_path()), "{other} is in {file}");
            }
        }
    }

    #[test]
    fn a_static_host_finds_every_page_at_its_url(paths in prop::collection::vec((any::<bool>(), path()), 0..12), slash: bool) {
        let site = site(paths, slash);
        for page in &site.pages {
            let found = served(&site, page, slash);
            prop_assert_eq!(found, Some(page));
        }
    }
}
