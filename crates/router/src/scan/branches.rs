//! The segment tree of one page: the folders from the root to it, and what every slot beside them shows.

use camino::Utf8PathBuf;

use super::tree::{FolderId, FolderTree};
use crate::conventions::FileRole;
use crate::graph::{SegmentTree, SlotParam};
use crate::pattern::{PatternSegment, raw_segments};

/// The tree of a page, with what was found on the way.
#[derive(Debug)]
pub(super) struct PageTree {
    pub(super) tree: SegmentTree,
    pub(super) slot_params: Vec<SlotParam>,
    /// Slots that show nothing at this URL: no page and no default.
    pub(super) empty_slots: Vec<FolderId>,
    /// `children` of some layout shows nothing: the URL cannot be rendered.
    pub(super) incomplete: bool,
}

/// Builds the tree of the page in `page`, a folder that answers `pattern`.
///
/// A slot beside the way to the page shows, in this order: its own page of the same pattern, its most specific catch-all
/// that covers the pattern, its default. A slot beside an intercepted page keeps to its default, since the client shows
/// what it showed before.
pub(super) fn page_tree(tree: &FolderTree, page: FolderId, pattern: &str) -> PageTree {
    let mut builder = Builder {
        folders: tree,
        segments: raw_segments(pattern).collect(),
        intercepted: tree[page].place.interception.is_some(),
        slot_params: Vec::new(),
        empty_slots: Vec::new(),
        incomplete: false,
    };
    let chain = tree.chain(page);
    let tree = builder.node(&chain, 0);
    let Builder { mut slot_params, empty_slots, incomplete, .. } = builder;
    slot_params.sort();
    slot_params.dedup();
    PageTree { tree, slot_params, empty_slots, incomplete }
}

/// The tree of the built-in not-found page: the root layout around the root's `not-found` file, if there is one. The
/// layout's named slots are empty.
pub(super) fn not_found_tree(tree: &FolderTree) -> SegmentTree {
    let root = &tree[FolderTree::ROOT];
    let mut node = SegmentTree::new("");
    node.files = root.tree_files();
    if let Some(file) = root.file(FileRole::GlobalNotFound) {
        node.files.insert(FileRole::GlobalNotFound, file.clone());
    }
    let page = SegmentTree::page(root.file(FileRole::NotFound).cloned());
    let mut segment = SegmentTree::new("_not-found");
    segment.slots.insert(SegmentTree::CHILDREN.to_owned(), page);
    node.slots.insert(SegmentTree::CHILDREN.to_owned(), segment);
    node
}

struct Builder<'t> {
    folders: &'t FolderTree,
    segments: Vec<&'t str>,
    intercepted: bool,
    slot_params: Vec<SlotParam>,
    empty_slots: Vec<FolderId>,
    incomplete: bool,
}

/// What fills a slot.
enum Filling {
    /// Folders from the slot's start to a page.
    Page(Vec<FolderId>),
    Default(Utf8PathBuf),
}

impl Builder<'_> {
    /// The node of the first folder of `chain`, which leads to a page. `depth` segments of the pattern are above it.
    fn node(&mut self, chain: &[FolderId], depth: usize) -> SegmentTree {
        let Some((&id, below)) = chain.split_first() else {
            return SegmentTree::page(None);
        };
        let folder = &self.folders[id];
        let mut node = SegmentTree::new(folder.segment.clone());
        node.files = folder.tree_files();
        let taken = match below.first() {
            Some(next) => self.folders[*next].slot_name().to_owned(),
            None => SegmentTree::CHILDREN.to_owned(),
        };
        let branch = self.below(id, below);
        for (name, &slot) in &folder.slots {
            if *name != taken && name != SegmentTree::CHILDREN {
                match self.filling(slot, depth) {
                    Some(Filling::Page(chain)) => {
                        let branch = self.node(&chain, depth);
                        node.slots.insert(name.clone(), branch);
                    }
                    Some(Filling::Default(file)) => {
                        node.slots.insert(name.clone(), SegmentTree::default_leaf(file));
                    }
                    None => self.empty_slots.push(slot),
                }
            }
        }
        if taken != SegmentTree::CHILDREN && folder.has_children_branch() {
            match self.filling(id, depth) {
                Some(Filling::Page(chain)) => {
                    let branch = self.below(id, &chain[1..]);
                    node.slots.insert(SegmentTree::CHILDREN.to_owned(), branch);
                }
                Some(Filling::Default(file)) => {
                    let branch = SegmentTree::default_leaf(file);
                    node.slots.insert(SegmentTree::CHILDREN.to_owned(), branch);
                }
                // What is shown already stays: an intercepted page is never loaded as a document.
                None if self.intercepted => {
                    node.slots.insert(SegmentTree::CHILDREN.to_owned(), SegmentTree::kept());
                }
                None => self.incomplete = true,
            }
        }
        node.slots.insert(taken, branch);
        node
    }

    /// The branch that leads from `folder` through `below`; its own page if nothing is below.
    fn below(&mut self, folder: FolderId, below: &[FolderId]) -> SegmentTree {
        match below.first() {
            Some(next) => {
                let depth = self.folders[*next].place.depth();
                self.node(below, depth)
            }
            None => SegmentTree::page(self.folders[folder].file(FileRole::Page).cloned()),
        }
    }

    fn filling(&mut self, start: FolderId, depth: usize) -> Option<Filling> {
        if !self.intercepted {
            if let Some(mut chain) = self.exact(start, depth) {
                chain.reverse();
                return Some(Filling::Page(chain));
            }
            if let Some((mut chain, param)) = self.covering(start, depth) {
                chain.reverse();
                self.slot_params.push(param);
                return Some(Filling::Page(chain));
            }
        }
        self.folders[start].file(FileRole::Default).cloned().map(Filling::Default)
    }

    /// The way, leaf first, from `folder` to its page of exactly this pattern.
    fn exact(&self, folder: FolderId, depth: usize) -> Option<Vec<FolderId>> {
        let node = &self.folders[folder];
        if depth == self.segments.len() && node.file(FileRole::Page).is_some() {
            return Some(vec![folder]);
        }
        let same_segment = self.segments.get(depth).and_then(|segment| node.segments.get(*segment));
        let deeper = same_segment.into_iter().flatten().map(|child| (*child, depth + 1));
        let beside = node.groups.iter().chain(node.slots.get(SegmentTree::CHILDREN));
        deeper.chain(beside.map(|child| (*child, depth))).find_map(|(child, depth)| {
            let mut chain = self.exact(child, depth)?;
            chain.push(folder);
            Some(chain)
        })
    }

    /// The way, leaf first, from `folder` to its deepest catch-all page that covers the pattern.
    fn covering(&self, folder: FolderId, depth: usize) -> Option<(Vec<FolderId>, SlotParam)> {
        let node = &self.folders[folder];
        let same_segment = self.segments.get(depth).and_then(|segment| node.segments.get(*segment));
        let deeper = same_segment.into_iter().flatten().map(|child| (*child, depth + 1));
        let beside = node.groups.iter().chain(node.slots.get(SegmentTree::CHILDREN));
        let below =
            deeper.chain(beside.map(|child| (*child, depth))).find_map(|(child, depth)| self.covering(child, depth));
        let found = below.or_else(|| {
            node.catch_alls.iter().find_map(|&catch_all| {
                let raw = self.folders[catch_all].place.pattern.rsplit('/').next()?;
                let segment = PatternSegment::of(raw)?;
                let needs_one = matches!(segment, PatternSegment::CatchAll(_));
                if needs_one && depth == self.segments.len() {
                    return None;
                }
                let chain = self.exact(catch_all, self.segments.len())?;
                let name = segment.param()?.to_owned();
                Some((chain, SlotParam { name, from: depth }))
            })
        });
        found.map(|(mut chain, param)| {
            chain.push(folder);
            (chain, param)
        })
    }
}
