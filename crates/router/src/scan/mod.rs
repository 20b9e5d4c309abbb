//! From the paths of an app's files to its route graph.
//!
//! The core is pure: [`scan`] takes paths and reads nothing. `scan_app` (feature `fs`) lists the files of a folder first.

mod branches;
mod conflicts;
mod error;
#[cfg(feature = "fs")]
mod fs;
mod pages;
mod tree;

use std::collections::{BTreeMap, HashSet};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

pub use self::error::{ScanError, ScanErrors};
#[cfg(feature = "fs")]
pub use self::fs::scan_app;
use self::pages::PagesRoute;
use self::tree::{FolderId, FolderTree};
use crate::conventions::FileRole;
use crate::graph::{Interception, Route, RouteGraph, RouteId, SegmentTree};
use crate::metadata_files::MetadataFile;
use crate::pattern::{PatternError, RoutePattern};

/// Builds the route graph of the app whose files are `paths`, relative to the project root.
///
/// Only the paths matter, so files of any kind may be among them. `app/` wins over `src/app/`. A conflict anywhere makes
/// the scan fail, with every conflict in the error.
///
/// ```
/// use vinext_router::{DEFAULT_PAGE_EXTENSIONS, scan};
///
/// let paths = ["app/layout.tsx", "app/(shop)/cart/page.tsx", "app/api/health/route.ts", "app/styles.css"];
/// let graph = scan(paths, &DEFAULT_PAGE_EXTENSIONS)?;
/// let ids: Vec<_> = graph.routes.iter().map(|route| route.id.as_str()).collect();
/// assert_eq!(ids, ["/(shop)/cart/page", "/_not-found/page", "/api/health/route"]);
/// # Ok::<(), vinext_router::ScanErrors>(())
/// ```
pub fn scan<P: AsRef<Utf8Path>, E: AsRef<str>>(
    paths: impl IntoIterator<Item = P>,
    page_extensions: &[E],
) -> Result<RouteGraph, ScanErrors> {
    let extensions: Vec<_> = page_extensions.iter().map(|extension| extension.as_ref().to_owned()).collect();
    let roots = Roots::of(paths);
    let mut errors = roots.split_directories().into_iter().collect::<Vec<_>>();
    let Some((app_dir, files)) = roots.app() else {
        errors.push(ScanError::NoAppDir { root: Utf8PathBuf::from(".") });
        return Err(ScanErrors::new(errors));
    };
    let mut folders = FolderTree::new(app_dir);
    for file in files {
        if let Ok(inside) = file.strip_prefix(app_dir) {
            folders.add_file(inside, file, &extensions);
        }
    }
    errors.append(&mut folders.errors);
    let endpoints = endpoints(&folders);
    let pages = roots.pages_beside(app_dir, &extensions);
    conflicts::find(&folders, &endpoints, &pages, &mut errors);
    let routes = routes(&folders, &endpoints, &mut errors);
    if !errors.is_empty() {
        return Err(ScanErrors::new(errors));
    }
    Ok(RouteGraph { pages: pages.into_iter().map(|route| route.file).collect(), ..RouteGraph::new(app_dir, routes) })
}

/// The files of the folders that a project may route from. The paths are sorted, so that results do not depend on the
/// order in which a file system lists them.
struct Roots {
    app: Vec<Utf8PathBuf>,
    src_app: Vec<Utf8PathBuf>,
    pages: Vec<Utf8PathBuf>,
    src_pages: Vec<Utf8PathBuf>,
}

impl Roots {
    const APP: &'static str = "app";
    const SRC_APP: &'static str = "src/app";
    const PAGES: &'static str = "pages";
    const SRC_PAGES: &'static str = "src/pages";

    fn of<P: AsRef<Utf8Path>>(paths: impl IntoIterator<Item = P>) -> Self {
        let mut roots = Self { app: Vec::new(), src_app: Vec::new(), pages: Vec::new(), src_pages: Vec::new() };
        for path in paths {
            let Some(path) = normal(path.as_ref()) else { continue };
            if path.starts_with(Self::APP) {
                roots.app.push(path);
            } else if path.starts_with(Self::SRC_APP) {
                roots.src_app.push(path);
            } else if path.starts_with(Self::PAGES) {
                roots.pages.push(path);
            } else if path.starts_with(Self::SRC_PAGES) {
                roots.src_pages.push(path);
            }
        }
        for files in [&mut roots.app, &mut roots.src_app, &mut roots.pages, &mut roots.src_pages] {
            files.sort_unstable();
        }
        roots
    }

    fn app(&self) -> Option<(&'static Utf8Path, &[Utf8PathBuf])> {
        if !self.app.is_empty() {
            Some((Utf8Path::new(Self::APP), &self.app))
        } else if !self.src_app.is_empty() {
            Some((Utf8Path::new(Self::SRC_APP), &self.src_app))
        } else {
            None
        }
    }

    fn split_directories(&self) -> Option<ScanError> {
        let (app_dir, _) = self.app()?;
        let pages = match (self.pages.is_empty(), self.src_pages.is_empty()) {
            (false, _) => Self::PAGES,
            (true, false) => Self::SRC_PAGES,
            (true, true) => return None,
        };
        let beside = app_dir.parent() == Utf8Path::new(pages).parent();
        (!beside).then(|| ScanError::SplitDirectories { app: app_dir.to_owned(), pages: pages.into() })
    }

    /// The routes of the `pages` folder that stands beside `app_dir`.
    fn pages_beside(&self, app_dir: &Utf8Path, page_extensions: &[String]) -> Vec<PagesRoute> {
        let (folder, files) =
            if app_dir == Self::APP { (Self::PAGES, &self.pages) } else { (Self::SRC_PAGES, &self.src_pages) };
        pages::routes(Utf8Path::new(folder), files, page_extensions)
    }
}

/// The path with plain slashes and without `.`; none if it leads elsewhere.
fn normal(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut text = String::with_capacity(path.as_str().len());
    for component in path.components() {
        match component {
            Utf8Component::Normal(name) => {
                if !text.is_empty() {
                    text.push('/');
                }
                text.push_str(name);
            }
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir | Utf8Component::RootDir | Utf8Component::Prefix(_) => return None,
        }
    }
    Some(text.into())
}

/// A page or handler file.
#[derive(Debug, Clone)]
struct Endpoint {
    folder: FolderId,
    file: Utf8PathBuf,
    is_handler: bool,
    metadata: Option<MetadataFile>,
    /// The URL pattern as text: not known to be valid yet.
    pattern: String,
    /// It can be reached by URL, not only by a soft navigation.
    direct: bool,
}

fn endpoints(folders: &FolderTree) -> Vec<Endpoint> {
    folders
        .folders()
        .flat_map(|folder| {
            let node = &folders[folder];
            let endpoint = |file: &Utf8PathBuf, is_handler| Endpoint {
                folder,
                file: file.clone(),
                is_handler,
                metadata: None,
                pattern: public_pattern(&node.place.pattern),
                direct: node.place.interception.is_none(),
            };
            let page = node.file(FileRole::Page).map(|file| endpoint(file, false));
            let handler = node.handler.as_ref().map(|file| endpoint(file, true));
            let metadata = node.metadata().map(move |file| Endpoint {
                folder,
                file: file.file.clone(),
                is_handler: true,
                pattern: file.url.clone(),
                metadata: Some(file),
                direct: true,
            });
            page.into_iter().chain(handler).chain(metadata).collect::<Vec<_>>()
        })
        .collect()
}

/// Folder patterns are empty at the root, public ones are `/`.
fn public_pattern(pattern: &str) -> String {
    if pattern.is_empty() { "/".to_owned() } else { pattern.to_owned() }
}

/// One route per handler, per pattern with pages, and per intercepting page; and the built-in one.
fn routes(folders: &FolderTree, endpoints: &[Endpoint], errors: &mut Vec<ScanError>) -> Vec<Route> {
    let mut routes =
        vec![Route::page(RouteId::NOT_FOUND, RoutePattern::not_found(), branches::not_found_tree(folders))];
    let mut pages = BTreeMap::<(&str, bool, Option<FolderId>), &Endpoint>::new();
    for endpoint in endpoints {
        let Some(pattern) = valid_pattern(&endpoint.pattern, endpoint, errors) else { continue };
        if let Some((_, from)) = &folders[endpoint.folder].place.interception
            && valid_pattern(&public_pattern(from), endpoint, errors).is_none()
        {
            continue;
        }
        if let Some(file) = &endpoint.metadata {
            routes.push(Route::metadata(metadata_id(folders, endpoint, file), pattern, file.clone()));
            continue;
        }
        if endpoint.is_handler {
            let intercepts = interception(folders, endpoint, &pattern);
            let mut route = Route::handler(route_id(folders, endpoint), pattern, endpoint.file.clone());
            route.intercepts = intercepts;
            routes.push(route);
            continue;
        }
        // Pages of one pattern in several slots are one route, named after the page with the fewest slots. Each
        // intercepting page is a route of its own.
        let own = (!endpoint.direct).then_some(endpoint.folder);
        let named = pages.entry((&endpoint.pattern, endpoint.direct, own)).or_insert(endpoint);
        if slot_count(folders, endpoint.folder) < slot_count(folders, named.folder) {
            *named = endpoint;
        }
    }
    let mut empty_slots = BTreeMap::new();
    let mut incomplete = Vec::new();
    for endpoint in pages.into_values() {
        let Ok(pattern) = endpoint.pattern.parse::<RoutePattern>() else { continue };
        let page = branches::page_tree(folders, endpoint.folder, &endpoint.pattern);
        if endpoint.direct {
            if let Some(folder) = page.incomplete {
                // Strict matching: a URL that one of the slots has nothing for is no route.
                incomplete.push((folder, endpoint));
                continue;
            }
            for slot in page.empty_slots {
                empty_slots.entry(slot).or_insert(endpoint);
            }
        }
        let mut route = Route::page(route_id(folders, endpoint), pattern, page.tree);
        route.slot_params = page.slot_params;
        route.intercepts = interception(folders, endpoint, &route.pattern);
        routes.push(route);
    }
    errors.extend(empty_slots.into_iter().map(|(slot, endpoint)| ScanError::SlotWithoutDefault {
        slot: folders[slot].path.clone(),
        pattern: endpoint.pattern.clone(),
        page: endpoint.file.clone(),
        default: with_extension_of(folders[slot].path.join("default"), &endpoint.file),
    }));
    // A catch-all may still be of use beside other pages; a page that no route shows is a mistake.
    let nodes = routes.iter().filter_map(Route::tree).flat_map(SegmentTree::nodes);
    let shown: HashSet<_> = nodes.flat_map(|node| node.files.values()).cloned().collect();
    let lost: BTreeMap<_, _> = incomplete.into_iter().filter(|(_, endpoint)| !shown.contains(&endpoint.file)).collect();
    errors.extend(lost.into_iter().map(|(folder, endpoint)| ScanError::ChildrenWithoutDefault {
        folder: folders[folder].path.clone(),
        pattern: endpoint.pattern.clone(),
        page: endpoint.file.clone(),
        default: with_extension_of(folders[folder].path.join("default"), &endpoint.file),
    }));
    routes.sort_by(|one, other| one.id.cmp(&other.id));
    routes
}

fn interception(folders: &FolderTree, endpoint: &Endpoint, target: &RoutePattern) -> Option<Interception> {
    let (marker, from) = folders[endpoint.folder].place.interception.as_ref()?;
    let from = public_pattern(from).parse().ok()?;
    Some(Interception { marker: *marker, from, target: target.clone() })
}

fn valid_pattern(pattern: &str, endpoint: &Endpoint, errors: &mut Vec<ScanError>) -> Option<RoutePattern> {
    let file = endpoint.file.clone();
    errors.push(match pattern.parse::<RoutePattern>() {
        Ok(pattern) => return Some(pattern),
        Err(PatternError::CatchAllNotLast { pattern, segment }) => {
            ScanError::CatchAllNotLast { pattern, segment, file }
        }
        Err(PatternError::DuplicateParam { pattern, name }) => {
            ScanError::DuplicateParam { pattern, first: name.clone(), second: name, file }
        }
        Err(PatternError::Slashes { pattern: name } | PatternError::Segment { segment: name, .. }) => {
            let (reason, help) = ("no URL can be made of it", "rename the folder");
            ScanError::BadSegment { name, file, reason, help }
        }
    });
    None
}

fn metadata_id(folders: &FolderTree, endpoint: &Endpoint, file: &MetadataFile) -> String {
    let name = file.url.rsplit('/').next().unwrap_or_default();
    format!("{}/{name}/route", folder_id(folders, endpoint))
}

fn route_id(folders: &FolderTree, endpoint: &Endpoint) -> String {
    folder_id(folders, endpoint) + if endpoint.is_handler { "/route" } else { "/page" }
}

/// The path of the endpoint's folder below `app`.
fn folder_id(folders: &FolderTree, endpoint: &Endpoint) -> String {
    let app_dir = &folders[FolderTree::ROOT].path;
    let folder = &folders[endpoint.folder].path;
    let inside = folder.strip_prefix(app_dir).unwrap_or(folder);
    let mut id = String::new();
    for component in inside.components() {
        id.push('/');
        id.push_str(component.as_str());
    }
    id
}

fn slot_count(folders: &FolderTree, folder: FolderId) -> usize {
    folders.chain(folder).into_iter().filter(|folder| folders[*folder].slot.is_some()).count()
}

/// `path` with the extension of a neighbour, so that a help text fits the project.
fn with_extension_of(path: Utf8PathBuf, neighbour: &Utf8Path) -> Utf8PathBuf {
    match neighbour.extension() {
        Some(extension) => path.with_extension(extension),
        None => path,
    }
}
