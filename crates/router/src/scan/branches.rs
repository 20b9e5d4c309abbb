//! The segment tree of one page: the folders from the root to it, and what every slot beside them shows.

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
    /// A folder whose `children` shows nothing, although it could at other URLs.
    pub(super) incomplete: Option<FolderId>,
}

/// Builds the tree of the page in `page`, a folder that answers `pattern`.
///
/// A slot beside the way to the page shows, in this order: its own page of the same pattern, its most specific catch-all
/// that covers the pattern, its deepest default on the way. A slot beside an intercepted page keeps to its default, since
/// the client shows what it showed before.
pub(super) fn page_tree(tree: &FolderTree, page: FolderId, pattern: &str) -> PageTree {
    let mut builder = Builder {
        folders: tree,
        segments: raw_segments(pattern).collect(),
        intercepted: tree[page].place.interception.is_some(),
        found: Unfinished::default(),
    };
    let chain = tree.chain(page);
    let tree = builder.node(&chain, 0);
    let Unfinished { mut slot_params, empty_slots, incomplete } = builder.found;
    slot_params.sort();
    slot_params.dedup();
    PageTree { tree, slot_params, empty_slots, incomplete }
}

/// The tree of the built-in not-found page: the root layout, its slots empty, around the root's
/// `not-found` file, if there is one.
pub(super) fn not_found_tree(tree: &FolderTree) -> SegmentTree {
    let root = &tree[FolderTree::ROOT];
    let mut node = SegmentTree::new("");
    node.files = root.tree_files();
    node.metadata = root.tree_metadata();
    if let Some(file) = root.file(FileRole::GlobalNotFound) {
        node.files.insert(FileRole::GlobalNotFound, file.clone());
    }
    let page = SegmentTree::page(root.file(FileRole::NotFound).cloned());
    let mut segment = SegmentTree::new(SegmentTree::NOT_FOUND);
    segment.slots.insert(SegmentTree::CHILDREN.to_owned(), page);
    node.slots.insert(SegmentTree::CHILDREN.to_owned(), segment);
    node
}

struct Builder<'t> {
    folders: &'t FolderTree,
    segments: Vec<&'t str>,
    intercepted: bool,
    found: Unfinished,
}

/// What is learned beside a tree.
#[derive(Debug, Default)]
struct Unfinished {
    slot_params: Vec<SlotParam>,
    empty_slots: Vec<FolderId>,
    incomplete: Option<FolderId>,
}

impl Unfinished {
    fn add(&mut self, other: Self) {
        self.slot_params.extend(other.slot_params);
        self.empty_slots.extend(other.empty_slots);
        self.incomplete = self.incomplete.or(other.incomplete);
    }
}

/// How well a branch answers the pattern, the best last. The numbers are the segments above the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Default(usize),
    Covering(usize),
    Exact,
}

/// A branch that can fill a slot.
struct Branch {
    fit: Fit,
    tree: SegmentTree,
    found: Unfinished,
}

impl Branch {
    fn leaf(fit: Fit, tree: SegmentTree) -> Self {
        Self { fit, tree, found: Unfinished::default() }
    }
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
        node.metadata = folder.tree_metadata();
        let taken = match below.first() {
            Some(next) => self.folders[*next].slot_name().to_owned(),
            None => SegmentTree::CHILDREN.to_owned(),
        };
        let branch = match below.first() {
            Some(next) => {
                let depth = self.folders[*next].place.depth();
                self.node(below, depth)
            }
            None => SegmentTree::page(folder.file(FileRole::Page).cloned()),
        };
        for (name, &slot) in &folder.slots {
            if *name != taken && name != SegmentTree::CHILDREN {
                let filling = self.slot(slot, depth);
                self.fill(&mut node, name, filling, |found| found.empty_slots.push(slot));
            }
        }
        if taken != SegmentTree::CHILDREN && folder.has_children_branch() {
            let filling = self.children(id, depth).or_else(|| self.default_of(id, depth));
            self.fill(&mut node, SegmentTree::CHILDREN, filling, |found| found.incomplete = Some(id));
        }
        node.slots.insert(taken, branch);
        node
    }

    fn fill(&mut self, node: &mut SegmentTree, name: &str, filling: Option<Branch>, empty: impl Fn(&mut Unfinished)) {
        match filling {
            Some(branch) => {
                node.slots.insert(name.to_owned(), branch.tree);
                self.found.add(branch.found);
            }
            // The client shows what it showed before; there is always a place for it.
            None if self.intercepted => {
                node.slots.insert(name.to_owned(), SegmentTree::empty_default());
            }
            None => empty(&mut self.found),
        }
    }

    /// What a slot beside the way shows.
    fn slot(&self, slot: FolderId, depth: usize) -> Option<Branch> {
        if self.intercepted { self.default_of(slot, depth) } else { self.resolve(slot, depth) }
    }

    /// The best branch through a folder. One that has nothing for the pattern is its default alone, without its layout.
    fn resolve(&self, id: FolderId, depth: usize) -> Option<Branch> {
        let folder = &self.folders[id];
        let mut node = SegmentTree::new(folder.segment.clone());
        let mut found = Unfinished::default();
        let mut fit = None;
        for (name, &slot) in folder.slots.iter().filter(|(name, _)| *name != SegmentTree::CHILDREN) {
            match self.resolve(slot, depth) {
                Some(branch) => {
                    fit = fit.max(Some(branch.fit));
                    node.slots.insert(name.clone(), branch.tree);
                    found.add(branch.found);
                }
                None => found.empty_slots.push(slot),
            }
        }
        let children = self.children(id, depth);
        if node.slots.is_empty() && children.is_none() {
            return self.default_of(id, depth);
        }
        match children.or_else(|| self.default_of(id, depth)) {
            Some(branch) => {
                fit = fit.max(Some(branch.fit));
                node.slots.insert(SegmentTree::CHILDREN.to_owned(), branch.tree);
                found.add(branch.found);
            }
            None if folder.has_children_branch() => return None,
            None => {}
        }
        node.files = folder.tree_files();
        node.metadata = folder.tree_metadata();
        Some(Branch { fit: fit?, tree: node, found })
    }

    fn default_of(&self, id: FolderId, depth: usize) -> Option<Branch> {
        let file = self.folders[id].file(FileRole::Default)?;
        Some(Branch::leaf(Fit::Default(depth), SegmentTree::default_leaf(file.clone())))
    }

    /// The best branch for a folder's `children`, its own default left aside.
    fn children(&self, id: FolderId, depth: usize) -> Option<Branch> {
        if self.intercepted {
            return None;
        }
        let folder = &self.folders[id];
        if depth == self.segments.len()
            && let Some(page) = folder.file(FileRole::Page)
        {
            return Some(Branch::leaf(Fit::Exact, SegmentTree::page(Some(page.clone()))));
        }
        let same_segment = self.segments.get(depth).and_then(|segment| folder.segments.get(*segment));
        let deeper = same_segment.into_iter().flatten().map(|child| (*child, depth + 1));
        let beside = folder.groups.iter().chain(folder.slots.get(SegmentTree::CHILDREN)).map(|child| (*child, depth));
        let direct = deeper.chain(beside).filter_map(|(child, depth)| self.resolve(child, depth));
        let covering = folder.catch_alls.iter().filter_map(|child| self.covering(*child, depth));
        // Of equals the first: two pages of one pattern are refused elsewhere.
        direct.chain(covering).reduce(|best, next| if next.fit > best.fit { next } else { best })
    }

    /// A catch-all folder that takes the rest of the pattern.
    fn covering(&self, catch_all: FolderId, depth: usize) -> Option<Branch> {
        let raw = self.folders[catch_all].place.pattern.rsplit('/').next()?;
        let segment = PatternSegment::of(raw)?;
        let needs_one = matches!(segment, PatternSegment::CatchAll(_));
        if needs_one && depth == self.segments.len() {
            return None;
        }
        let mut branch = self.resolve(catch_all, self.segments.len())?;
        if branch.fit != Fit::Exact {
            return None;
        }
        branch.fit = Fit::Covering(depth);
        branch.found.slot_params.push(SlotParam { name: segment.param()?.to_owned(), from: depth });
        Some(branch)
    }
}
