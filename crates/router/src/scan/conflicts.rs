//! Files that cannot be in one app together.

use std::collections::{BTreeMap, HashMap};

use camino::Utf8Path;

use super::error::ScanError;
use super::pages::PagesRoute;
use super::tree::{FolderId, FolderTree};
use super::{Endpoint, with_extension_of};
use crate::conventions::FileRole;
use crate::pattern::{PatternSegment, raw_segments};

/// Appends every conflict between the endpoints, and with those of `pages/`, to `errors`.
pub(super) fn find(folders: &FolderTree, endpoints: &[Endpoint], pages: &[PagesRoute], errors: &mut Vec<ScanError>) {
    let mut by_pattern = BTreeMap::<&str, Vec<&Endpoint>>::new();
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.direct) {
        by_pattern.entry(&endpoint.pattern).or_default().push(endpoint);
    }
    for (pattern, endpoints) in &by_pattern {
        same_path(folders, pattern, endpoints, errors);
    }
    for page in pages {
        if let Some(endpoint) = by_pattern.get(page.pattern.as_str()).and_then(|endpoints| endpoints.first()) {
            errors.push(ScanError::AppAndPages {
                pattern: page.pattern.clone(),
                app: endpoint.file.clone(),
                pages: page.file.clone(),
            });
        }
    }
    Positions::default().check(&by_pattern, pages, errors);
    for endpoint in endpoints {
        similar_params(endpoint, errors);
    }
    missing_root_layout(folders, endpoints, errors);
}

/// Two endpoints of one pattern conflict, unless they are pages in different slots of one layout.
fn same_path(folders: &FolderTree, pattern: &str, endpoints: &[&Endpoint], errors: &mut Vec<ScanError>) {
    let page = endpoints.iter().find(|endpoint| !endpoint.is_handler);
    let handler = endpoints.iter().find(|endpoint| endpoint.is_handler);
    if let (Some(page), Some(handler)) = (page, handler) {
        errors.push(ScanError::PageAndRoute {
            pattern: pattern.to_owned(),
            page: page.file.clone(),
            handler: handler.file.clone(),
        });
    }
    for (index, second) in endpoints.iter().enumerate() {
        let first = endpoints[..index].iter().find(|first| {
            first.is_handler == second.is_handler
                && (first.is_handler || same_slots(folders, first.folder, second.folder))
        });
        if let Some(first) = first {
            errors.push(ScanError::DuplicatePath {
                pattern: pattern.to_owned(),
                first: first.file.clone(),
                second: second.file.clone(),
            });
        }
    }
}

/// True if both folders compete for one slot where the ways to them part.
fn same_slots(folders: &FolderTree, one: FolderId, other: FolderId) -> bool {
    let (one, other) = (folders.chain(one), folders.chain(other));
    let shared = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let slot_of =
        |chain: &[FolderId]| chain.get(shared).map_or("children", |folder| folders[*folder].slot_name()).to_owned();
    slot_of(&one) == slot_of(&other)
}

/// Names that differ only in punctuation cannot be told apart in every place a name goes.
fn similar_params(endpoint: &Endpoint, errors: &mut Vec<ScanError>) {
    let word = |name: &str| -> String { name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect() };
    let names: Vec<_> = raw_segments(&endpoint.pattern)
        .filter_map(|raw| PatternSegment::of(raw)?.param())
        .map(|name| (name, word(name)))
        .collect();
    for (index, (second, second_word)) in names.iter().enumerate() {
        let first = names[..index]
            .iter()
            .find(|(first, first_word)| first != second && first_word == second_word && !first_word.is_empty());
        if let Some((first, _)) = first {
            errors.push(ScanError::DuplicateParam {
                pattern: endpoint.pattern.clone(),
                first: (*first).to_owned(),
                second: (*second).to_owned(),
                file: endpoint.file.clone(),
            });
        }
    }
}

fn missing_root_layout(folders: &FolderTree, endpoints: &[Endpoint], errors: &mut Vec<ScanError>) {
    let mut bare = endpoints.iter().filter(|endpoint| {
        !endpoint.is_handler
            && !folders
                .chain(endpoint.folder)
                .into_iter()
                .any(|folder| folders[folder].file(FileRole::Layout).is_some())
    });
    if let Some(first) = bare.next() {
        errors.push(ScanError::MissingRootLayout {
            page: first.file.clone(),
            layout: with_extension_of(folders[FolderTree::ROOT].path.join("layout"), &first.file),
            more: bare.count(),
        });
    }
}

/// The patterns as a tree of positions, to compare what stands at the same one.
#[derive(Default)]
struct Positions<'a> {
    nodes: HashMap<String, Position<'a>>,
}

/// The endpoints below one parent pattern; for each form of segment its text and the first file that has it.
#[derive(Default)]
struct Position<'a> {
    own: Option<&'a Utf8Path>,
    dynamic: BTreeMap<String, &'a Utf8Path>,
    required: BTreeMap<String, &'a Utf8Path>,
    optional: BTreeMap<String, &'a Utf8Path>,
}

impl<'a> Positions<'a> {
    fn check(
        mut self,
        patterns: &BTreeMap<&'a str, Vec<&'a Endpoint>>,
        pages: &'a [PagesRoute],
        errors: &mut Vec<ScanError>,
    ) {
        for (pattern, endpoints) in patterns {
            if let Some(endpoint) = endpoints.first() {
                self.add(pattern, &endpoint.file);
            }
        }
        for page in pages {
            self.add(&page.pattern, &page.file);
        }
        let mut positions: Vec<_> = self.nodes.into_iter().collect();
        positions.sort_by(|one, other| one.0.cmp(&other.0));
        for (parent, position) in positions {
            position.check(if parent.is_empty() { "/" } else { &parent }, errors);
        }
    }

    fn add(&mut self, pattern: &str, file: &'a Utf8Path) {
        // The key of a position says that a dynamic segment is there, not how it is called.
        let mut key = String::new();
        for raw in raw_segments(pattern) {
            let position = self.nodes.entry(key.clone()).or_default();
            let (named, part) = match PatternSegment::of(raw) {
                Some(PatternSegment::Dynamic(_)) => (Some(&mut position.dynamic), "[]"),
                Some(PatternSegment::CatchAll(_)) => (Some(&mut position.required), "[...]"),
                Some(PatternSegment::OptionalCatchAll(_)) => (Some(&mut position.optional), "[[...]]"),
                Some(PatternSegment::Static(_)) | None => (None, raw),
            };
            if let Some(named) = named {
                named.entry(raw.to_owned()).or_insert(file);
            }
            key.push('/');
            key.push_str(part);
        }
        self.nodes.entry(key).or_default().own.get_or_insert(file);
    }
}

impl Position<'_> {
    fn check(&self, parent: &str, errors: &mut Vec<ScanError>) {
        for named in [&self.dynamic, &self.required, &self.optional] {
            let mut named = named.iter();
            let Some((first, first_file)) = named.next() else { continue };
            errors.extend(named.map(|(second, second_file)| ScanError::ParamNames {
                parent: parent.to_owned(),
                first: first.clone(),
                first_file: (*first_file).to_owned(),
                second: second.clone(),
                second_file: (*second_file).to_owned(),
            }));
        }
        let Some(optional_file) = self.optional.values().next() else { return };
        if let Some(required_file) = self.required.values().next() {
            errors.push(ScanError::TwoCatchAlls {
                parent: parent.to_owned(),
                required_file: (*required_file).to_owned(),
                optional_file: (*optional_file).to_owned(),
            });
        }
        if let Some(route_file) = self.own {
            errors.push(ScanError::OptionalCatchAll {
                pattern: parent.to_owned(),
                route_file: route_file.to_owned(),
                optional_file: (*optional_file).to_owned(),
            });
        }
    }
}
