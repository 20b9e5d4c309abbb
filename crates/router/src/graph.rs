//! The route graph: what a scan finds and a build manifest stores.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::conventions::FileRole;
use crate::folder::InterceptionMarker;
use crate::metadata_files::{MetadataFile, with_ids};
use crate::pattern::RoutePattern;

/// Every route of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RouteGraph {
    /// The folder that was scanned, relative to the project root: `app` or `src/app`.
    pub app_dir: Utf8PathBuf,
    /// The routes in order of their id, the built-in [`RouteId::NOT_FOUND`] among them.
    pub routes: Vec<Route>,
    /// The files in `pages` that answer paths of their own. They are the Pages Router's: no route leads to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<Utf8PathBuf>,
}

impl RouteGraph {
    /// A graph of these routes, for code that does not scan a folder.
    #[must_use]
    pub fn new(app_dir: impl Into<Utf8PathBuf>, routes: Vec<Route>) -> Self {
        Self { app_dir: app_dir.into(), routes, pages: Vec::new() }
    }

    /// Takes the files of one role out of every tree, as if the app had none.
    pub fn remove_files(&mut self, role: FileRole) {
        for route in &mut self.routes {
            if let RouteTarget::Page { tree } = &mut route.target {
                tree.remove_files(role);
            }
        }
    }

    /// The modules that may make several images or sitemaps. Only their code says whether they do.
    pub fn metadata_modules(&self) -> impl Iterator<Item = &Utf8Path> {
        self.routes.iter().filter_map(|route| match &route.target {
            RouteTarget::Metadata { file } if !file.is_static && file.kind.may_have_ids() => Some(&*file.file),
            _ => None,
        })
    }

    /// Moves what a module makes below its URL, a URL for each id: the module exports `generateImageMetadata` or
    /// `generateSitemaps`.
    pub fn give_ids(&mut self, module: &Utf8Path) {
        for route in &mut self.routes {
            match &mut route.target {
                RouteTarget::Metadata { file } if file.file == module && !file.has_ids => {
                    file.has_ids = true;
                    if let Ok(pattern) = with_ids(file.kind, &file.url).parse() {
                        route.pattern = pattern;
                    }
                }
                RouteTarget::Page { tree } => tree.give_ids(module),
                _ => {}
            }
        }
    }

    /// The route with this id.
    #[must_use]
    pub fn route(&self, id: &str) -> Option<&Route> {
        // Scanned graphs are sorted, but a graph may come from anywhere.
        self.routes.iter().find(|route| route.id.as_str() == id)
    }
}

/// The name of a route: its folders, groups and slots included, then `page` or `route`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RouteId(Box<str>);

impl RouteId {
    /// The id of the built-in route for URLs that nothing matches.
    pub const NOT_FOUND: &'static str = "/_not-found/page";

    /// A route id; any text will do, scanned ones look like `/blog/[slug]/page`.
    #[must_use]
    pub fn new(id: impl Into<Box<str>>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for [`RouteId::NOT_FOUND`].
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        &*self.0 == Self::NOT_FOUND
    }
}

impl fmt::Display for RouteId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Borrow<str> for RouteId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// One route: a page or a request handler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Route {
    /// The route's name.
    pub id: RouteId,
    /// The URLs it answers.
    pub pattern: RoutePattern,
    /// What answers.
    #[serde(flatten)]
    pub target: RouteTarget,
    /// Set for the route of an intercepting folder, which is never matched by URL alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intercepts: Option<Interception>,
    /// Parameters that only a slot of the tree has: catch-all folders in a slot that is matched beside another route.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slot_params: Vec<SlotParam>,
    /// The only paths that the route has, if it has not all that its pattern takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Vec<String>>,
}

impl Route {
    /// A page with its segment tree.
    #[must_use]
    pub fn page(id: impl Into<Box<str>>, pattern: RoutePattern, tree: SegmentTree) -> Self {
        Self::new(id, pattern, RouteTarget::Page { tree })
    }

    /// A request handler with its file.
    #[must_use]
    pub fn handler(id: impl Into<Box<str>>, pattern: RoutePattern, file: impl Into<Utf8PathBuf>) -> Self {
        Self::new(id, pattern, RouteTarget::Handler { file: file.into() })
    }

    /// A metadata file.
    #[must_use]
    pub fn metadata(id: impl Into<Box<str>>, pattern: RoutePattern, file: MetadataFile) -> Self {
        Self::new(id, pattern, RouteTarget::Metadata { file })
    }

    fn new(id: impl Into<Box<str>>, pattern: RoutePattern, target: RouteTarget) -> Self {
        Self { id: RouteId::new(id), pattern, target, intercepts: None, slot_params: Vec::new(), listed: None }
    }

    /// Whether a page or a handler answers.
    #[must_use]
    pub const fn kind(&self) -> RouteKind {
        match self.target {
            RouteTarget::Page { .. } => RouteKind::Page,
            RouteTarget::Handler { .. } | RouteTarget::Metadata { .. } => RouteKind::Handler,
        }
    }

    /// The segment tree of a page.
    #[must_use]
    pub const fn tree(&self) -> Option<&SegmentTree> {
        match &self.target {
            RouteTarget::Page { tree } => Some(tree),
            RouteTarget::Handler { .. } | RouteTarget::Metadata { .. } => None,
        }
    }

    /// The file of the page or handler itself; none for a built-in page.
    #[must_use]
    pub fn file(&self) -> Option<&Utf8Path> {
        match &self.target {
            RouteTarget::Handler { file } => Some(file),
            RouteTarget::Metadata { file } => Some(&file.file),
            RouteTarget::Page { tree } => tree.page_file(),
        }
    }
}

/// What answers a route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum RouteTarget {
    /// A page, rendered through its segment tree.
    Page {
        /// Root to leaf, one branch per slot.
        tree: SegmentTree,
    },
    /// A `route` file.
    Handler {
        /// The file, relative to the project root.
        file: Utf8PathBuf,
    },
    /// An icon, a share image, a sitemap, `robots.txt` or the manifest.
    Metadata {
        /// The file, and what is known of it.
        file: MetadataFile,
    },
}

/// A page or a request handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RouteKind {
    /// A page.
    Page,
    /// A request handler.
    Handler,
}

/// A parameter whose value is the rest of the path, beside the route's own parameters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SlotParam {
    /// The parameter's name.
    pub name: String,
    /// The index of the first path segment that belongs to it.
    pub from: usize,
}

/// What an intercepting route stands in for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interception {
    /// How the folder names its target.
    pub marker: InterceptionMarker,
    /// The pattern of the pages from which a soft navigation is intercepted, and all below it.
    pub from: RoutePattern,
    /// The pattern of the URLs that are intercepted.
    pub target: RoutePattern,
}

/// One node of a page's tree. The children are in [`SegmentTree::slots`], one branch per slot.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SegmentTree {
    /// The folder's name, empty for the root; or one of the constants of this type.
    pub segment: String,
    /// The files that apply, relative to the project root.
    pub files: BTreeMap<FileRole, Utf8PathBuf>,
    /// The folder's metadata files that pages name in their heads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<MetadataFile>,
    /// The branches: `children` and the named slots.
    pub slots: BTreeMap<String, SegmentTree>,
}

impl SegmentTree {
    /// The segment of the leaf that holds the page file.
    pub const PAGE: &'static str = "__PAGE__";
    /// The segment of the leaf that holds a `default` file.
    pub const DEFAULT: &'static str = "__DEFAULT__";
    /// The segment of a slot's own folder, which has files but is no part of the URL.
    pub const SLOT: &'static str = "(__SLOT__)";
    /// The segment of the built-in not-found page, which no folder can be called.
    pub const NOT_FOUND: &'static str = "/_not-found";
    /// The name of the slot that is not written as a folder.
    pub const CHILDREN: &'static str = "children";

    /// A node without files and branches.
    #[must_use]
    pub fn new(segment: impl Into<String>) -> Self {
        Self { segment: segment.into(), ..Self::default() }
    }

    /// The leaf for a page file, or for a page of the framework's own when there is none.
    #[must_use]
    pub fn page(file: Option<Utf8PathBuf>) -> Self {
        Self::leaf(Self::PAGE, FileRole::Page, file)
    }

    pub(crate) fn default_leaf(file: Utf8PathBuf) -> Self {
        Self::leaf(Self::DEFAULT, FileRole::Default, Some(file))
    }

    /// The leaf of a slot without a `default` file, which shows nothing of its own.
    pub(crate) fn empty_default() -> Self {
        Self::leaf(Self::DEFAULT, FileRole::Default, None)
    }

    fn leaf(segment: &str, role: FileRole, file: Option<Utf8PathBuf>) -> Self {
        let files = file.into_iter().map(|file| (role, file)).collect();
        Self { segment: segment.to_owned(), files, metadata: Vec::new(), slots: BTreeMap::new() }
    }

    /// The branch of a slot.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<&SegmentTree> {
        self.slots.get(name)
    }

    /// Every node, this one first, parents before their branches.
    pub fn nodes(&self) -> impl Iterator<Item = &SegmentTree> {
        let mut pending = vec![self];
        std::iter::from_fn(move || {
            let node = pending.pop()?;
            pending.extend(node.slots.values().rev());
            Some(node)
        })
    }

    fn give_ids(&mut self, module: &Utf8Path) {
        for file in &mut self.metadata {
            file.has_ids |= file.file == module;
        }
        for slot in self.slots.values_mut() {
            slot.give_ids(module);
        }
    }

    fn remove_files(&mut self, role: FileRole) {
        self.files.remove(&role);
        for slot in self.slots.values_mut() {
            slot.remove_files(role);
        }
    }

    /// The page file: in the `children` branches if they lead to one, else the first of any slot.
    #[must_use]
    pub fn page_file(&self) -> Option<&Utf8Path> {
        let mut node = self;
        while let Some(child) = node.slots.get(Self::CHILDREN) {
            node = child;
        }
        let in_children = node.files.get(&FileRole::Page);
        in_children.or_else(|| self.nodes().find_map(|node| node.files.get(&FileRole::Page))).map(Utf8PathBuf::as_path)
    }
}
