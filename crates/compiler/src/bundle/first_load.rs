//! How much JavaScript a first visit loads.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustc_hash::FxHashMap;

use super::client_output::ClientScripts;
use super::output::FirstLoad;
use super::reach::RscGraph;
use super::session::Session;

/// Compressed sizes by file.
pub(crate) type Sizes = FxHashMap<String, u64>;

/// The size of `code` as gzip sends it.
pub(crate) fn gzip_size(code: &[u8]) -> u64 {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(code).and_then(|()| encoder.finish());
    written.map_or(code.len() as u64, |bytes| bytes.len() as u64)
}

/// What every page loads.
pub(crate) fn shared(session: &Session, scripts: &ClientScripts, sizes: &Sizes) -> FirstLoad {
    let files = std::iter::once(&scripts.entry).chain(&scripts.preload).filter(|file| !file.is_empty());
    sum(session, files, sizes)
}

/// What each route's first visit loads.
pub(crate) fn per_route(
    session: &Session,
    graph: &RscGraph,
    scripts: &ClientScripts,
    sizes: &Sizes,
) -> BTreeMap<String, FirstLoad> {
    let mut by_route: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for route in &session.options.routes {
        let files = std::iter::once(&scripts.entry).chain(&scripts.preload).filter(|file| !file.is_empty());
        by_route.insert(&route.id, files.collect());
    }
    for (reference, routes) in &graph.routes_using {
        let Some(files) = scripts.references.get(reference) else { continue };
        for route in routes {
            let Some(list) = by_route.get_mut(route.as_str()) else { continue };
            for file in files {
                if !list.contains(&file) {
                    list.push(file);
                }
            }
        }
    }
    by_route.into_iter().map(|(route, files)| (route.to_owned(), sum(session, files.into_iter(), sizes))).collect()
}

fn sum<'a>(session: &Session, files: impl Iterator<Item = &'a String>, sizes: &Sizes) -> FirstLoad {
    let mut load = FirstLoad::default();
    for file in files {
        load.gzip_bytes += sizes.get(file).copied().unwrap_or(0);
        load.chunks.push(session.url(file));
    }
    load
}
