//! The folders of an app that matter for routing, as an arena.

use std::collections::{BTreeMap, HashMap};
use std::ops::Index;

use camino::{Utf8Path, Utf8PathBuf};

use super::error::ScanError;
use crate::conventions::{Convention, FileRole};
use crate::folder::{Folder, InterceptionMarker};
use crate::graph::SegmentTree;
use crate::metadata_files::{MetadataFile, MetadataKind, MetadataName, described};
use crate::pattern::raw_segments;

/// A folder in a [`FolderTree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct FolderId(usize);

/// Where a folder stands, seen from a URL.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// The pattern, empty for the root. Below an interception it is the pattern of what is intercepted.
    pub(super) pattern: String,
    /// The innermost interception above, and the pattern of the folder it is in.
    pub(super) interception: Option<(InterceptionMarker, String)>,
}

impl Place {
    pub(super) fn depth(&self) -> usize {
        raw_segments(&self.pattern).count()
    }
}

/// A folder with at least one routing file in it or below.
#[derive(Debug, Default)]
pub(super) struct FolderNode {
    /// The name in a segment tree: empty for the root, `(__SLOT__)` for a slot's folder.
    pub(super) segment: String,
    pub(super) path: Utf8PathBuf,
    pub(super) parent: Option<FolderId>,
    pub(super) place: Place,
    /// Set for a slot's own folder.
    pub(super) slot: Option<String>,
    pub(super) handler: Option<Utf8PathBuf>,
    files: BTreeMap<FileRole, Utf8PathBuf>,
    /// Icons, share images, sitemaps ..., by URL, with the rank of their extensions.
    metadata: BTreeMap<String, (usize, MetadataFile)>,
    /// Descriptions by the stem of the image.
    alts: BTreeMap<String, Utf8PathBuf>,
    /// Extension ranks of what is in `files` and `handler`.
    ranks: HashMap<Convention, usize>,
    /// Child folders by their pattern segment. Several names may spell one segment.
    pub(super) segments: BTreeMap<String, Vec<FolderId>>,
    pub(super) catch_alls: Vec<FolderId>,
    pub(super) groups: Vec<FolderId>,
    pub(super) slots: BTreeMap<String, FolderId>,
}

impl FolderNode {
    pub(super) fn file(&self, role: FileRole) -> Option<&Utf8PathBuf> {
        self.files.get(&role)
    }

    /// The files that surround what is below; page and default files stand in leaves of their own.
    pub(super) fn tree_files(&self) -> BTreeMap<FileRole, Utf8PathBuf> {
        self.files
            .iter()
            .filter(|(role, _)| !matches!(role, FileRole::Page | FileRole::Default | FileRole::GlobalNotFound))
            .map(|(role, file)| (*role, file.clone()))
            .collect()
    }

    /// The metadata files, with what describes them.
    pub(super) fn metadata(&self) -> impl Iterator<Item = MetadataFile> {
        self.metadata.values().map(|(_, file)| {
            let alt = file.file.file_stem().and_then(|stem| self.alts.get(stem)).cloned();
            MetadataFile { alt, ..file.clone() }
        })
    }

    /// Those that pages name in their heads.
    pub(super) fn tree_metadata(&self) -> Vec<MetadataFile> {
        let in_heads = |file: &MetadataFile| !matches!(file.kind, MetadataKind::Sitemap | MetadataKind::Robots);
        self.metadata().filter(in_heads).collect()
    }

    /// True if something other than a slot can fill `children`.
    pub(super) fn has_children_branch(&self) -> bool {
        self.file(FileRole::Page).is_some()
            || self.file(FileRole::Default).is_some()
            || !self.segments.is_empty()
            || !self.groups.is_empty()
            || self.slots.contains_key(SegmentTree::CHILDREN)
    }

    /// The slot of the parent that this folder belongs to.
    pub(super) fn slot_name(&self) -> &str {
        self.slot.as_deref().unwrap_or(SegmentTree::CHILDREN)
    }

    fn add_metadata(
        &mut self,
        name: Option<MetadataName<'_>>,
        described: Option<&str>,
        inside: &Utf8Path,
        file: &Utf8Path,
    ) {
        if let Some(stem) = described {
            self.alts.insert(stem.to_owned(), file.to_owned());
        }
        // An intercepting folder is no URL: what is below it has none.
        let Some(name) = name.filter(|_| self.place.interception.is_none()) else { return };
        let Some(placed) = name.place(file, inside, &self.place.pattern) else { return };
        if self.metadata.get(&placed.url).is_none_or(|(rank, _)| name.rank < *rank) {
            self.metadata.insert(placed.url.clone(), (name.rank, placed));
        }
    }

    fn add(&mut self, convention: Convention, rank: usize, file: &Utf8Path) {
        if self.ranks.get(&convention).is_some_and(|present| *present <= rank) {
            return;
        }
        self.ranks.insert(convention, rank);
        match convention {
            Convention::Role(role) => {
                self.files.insert(role, file.to_owned());
            }
            Convention::Handler => self.handler = Some(file.to_owned()),
        }
    }
}

/// All routing folders below `app`.
#[derive(Debug)]
pub(super) struct FolderTree {
    nodes: Vec<FolderNode>,
    /// `None` stands for folders that are private or refused.
    children: HashMap<(FolderId, String), Option<FolderId>>,
    pub(super) errors: Vec<ScanError>,
}

impl FolderTree {
    pub(super) const ROOT: FolderId = FolderId(0);

    pub(super) fn new(app_dir: &Utf8Path) -> Self {
        let root = FolderNode { path: app_dir.to_owned(), ..FolderNode::default() };
        Self { nodes: vec![root], children: HashMap::new(), errors: Vec::new() }
    }

    /// Adds a file if its name has a meaning. `inside` is its path below `app`.
    pub(super) fn add_file(&mut self, inside: &Utf8Path, file: &Utf8Path, extensions: &[String]) {
        let Some(name) = inside.file_name() else { return };
        let folder_path = inside.parent().unwrap_or(Utf8Path::new(""));
        let Some((convention, rank)) = Convention::parse(name, extensions) else {
            let metadata = MetadataName::parse(name, extensions);
            let described = described(name);
            if (metadata.is_some() || described.is_some())
                && let Some(folder) = self.folder(folder_path, file)
            {
                self.nodes[folder.0].add_metadata(metadata, described, folder_path, file);
            }
            return;
        };
        let Some(folder) = self.folder(folder_path, file) else { return };
        let global = matches!(convention, Convention::Role(role) if role.is_global());
        if !global || folder == Self::ROOT {
            self.nodes[folder.0].add(convention, rank, file);
        }
    }

    /// The folder at a path below `app`; none in private and refused ones.
    fn folder(&mut self, inside: &Utf8Path, file: &Utf8Path) -> Option<FolderId> {
        inside.components().try_fold(Self::ROOT, |folder, component| self.child(folder, component.as_str(), file))
    }

    /// The folder and those above it, root first.
    pub(super) fn chain(&self, folder: FolderId) -> Vec<FolderId> {
        let mut chain: Vec<_> = std::iter::successors(Some(folder), |folder| self[*folder].parent).collect();
        chain.reverse();
        chain
    }

    pub(super) fn folders(&self) -> impl Iterator<Item = FolderId> + use<> {
        (0..self.nodes.len()).map(FolderId)
    }

    fn child(&mut self, parent: FolderId, name: &str, file: &Utf8Path) -> Option<FolderId> {
        if let Some(known) = self.children.get(&(parent, name.to_owned())) {
            return *known;
        }
        let child = self.create(parent, name, file);
        self.children.insert((parent, name.to_owned()), child);
        child
    }

    fn create(&mut self, parent_id: FolderId, name: &str, file: &Utf8Path) -> Option<FolderId> {
        let folder = match Folder::parse(name) {
            Ok(Folder::Private) => return None,
            Ok(folder) => folder,
            Err(bad) => {
                self.errors.push(ScanError::BadSegment {
                    name: name.to_owned(),
                    file: file.to_owned(),
                    reason: bad.reason,
                    help: bad.help,
                });
                return None;
            }
        };
        let id = FolderId(self.nodes.len());
        let parent = &mut self.nodes[parent_id.0];
        let mut node = FolderNode {
            segment: name.to_owned(),
            path: parent.path.join(name),
            parent: Some(parent_id),
            place: parent.place.clone(),
            ..FolderNode::default()
        };
        match folder {
            Folder::Private => return None,
            Folder::Group => parent.groups.push(id),
            Folder::Slot(slot) => {
                parent.slots.insert(slot.clone(), id);
                SegmentTree::SLOT.clone_into(&mut node.segment);
                node.slot = Some(slot);
            }
            Folder::Segment(segment) => {
                node.place.pattern.push('/');
                node.place.pattern.push_str(&segment);
                if segment.starts_with("[...") || segment.starts_with("[[...") {
                    parent.catch_alls.push(id);
                }
                parent.segments.entry(segment).or_default().push(id);
            }
            Folder::Intercepting(marker, segment) => {
                let from = &parent.place.pattern;
                let Some(base) = intercepted_base(marker, from) else {
                    self.errors.push(ScanError::InterceptionLevel {
                        marker: marker.as_str(),
                        file: file.to_owned(),
                        from: if from.is_empty() { "/".to_owned() } else { from.clone() },
                    });
                    return None;
                };
                node.place = Place { pattern: format!("{base}/{segment}"), interception: Some((marker, from.clone())) };
            }
        }
        self.nodes.push(node);
        Some(id)
    }
}

impl Index<FolderId> for FolderTree {
    type Output = FolderNode;

    fn index(&self, folder: FolderId) -> &FolderNode {
        &self.nodes[folder.0]
    }
}

/// The pattern that an interception's segment is appended to; `None` above the root.
fn intercepted_base(marker: InterceptionMarker, from: &str) -> Option<&str> {
    let up = |pattern: &str| pattern.rfind('/');
    match marker {
        InterceptionMarker::SameLevel => Some(from),
        InterceptionMarker::OneUp => Some(&from[..up(from)?]),
        InterceptionMarker::TwoUp => {
            let parent = &from[..up(from)?];
            Some(&parent[..up(parent)?])
        }
        InterceptionMarker::Root => Some(""),
    }
}
