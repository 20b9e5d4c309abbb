//! Files whose name has a meaning inside `app/`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The extensions Next.js takes when `pageExtensions` is not configured, strongest first.
pub const DEFAULT_PAGE_EXTENSIONS: [&str; 4] = ["tsx", "ts", "jsx", "js"];

/// What a file in a [`SegmentTree`](crate::SegmentTree) is for. The variants are the keys of the manifest, in camel case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum FileRole {
    /// `layout`: kept while navigating below it.
    Layout,
    /// `template`: a layout that mounts anew for each child.
    Template,
    /// `loading`: the Suspense fallback.
    Loading,
    /// `error`: the error boundary.
    Error,
    /// `not-found`: what `notFound()` shows.
    NotFound,
    /// `forbidden`: what `forbidden()` shows.
    Forbidden,
    /// `unauthorized`: what `unauthorized()` shows.
    Unauthorized,
    /// `global-error`: replaces the root layout when it fails. Root only.
    GlobalError,
    /// `global-not-found`: a whole document for unmatched URLs. Root only.
    GlobalNotFound,
    /// `page`: a leaf.
    Page,
    /// `default`: what a slot shows when nothing in it matches.
    Default,
}

/// What a file name inside `app/` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Convention {
    /// Part of a page's tree.
    Role(FileRole),
    /// `route`: a request handler.
    Handler,
}

impl FileRole {
    /// The file's name without extension: `not-found`.
    #[must_use]
    pub const fn file_stem(self) -> &'static str {
        match self {
            Self::Layout => "layout",
            Self::Template => "template",
            Self::Loading => "loading",
            Self::Error => "error",
            Self::NotFound => "not-found",
            Self::Forbidden => "forbidden",
            Self::Unauthorized => "unauthorized",
            Self::GlobalError => "global-error",
            Self::GlobalNotFound => "global-not-found",
            Self::Page => "page",
            Self::Default => "default",
        }
    }

    /// Global files count in the root folder only; elsewhere they are ordinary files.
    pub(crate) const fn is_global(self) -> bool {
        matches!(self, Self::GlobalError | Self::GlobalNotFound)
    }

    fn from_stem(stem: &str) -> Option<Self> {
        const ALL: [FileRole; 11] = [
            FileRole::Layout,
            FileRole::Template,
            FileRole::Loading,
            FileRole::Error,
            FileRole::NotFound,
            FileRole::Forbidden,
            FileRole::Unauthorized,
            FileRole::GlobalError,
            FileRole::GlobalNotFound,
            FileRole::Page,
            FileRole::Default,
        ];
        ALL.into_iter().find(|role| role.file_stem() == stem)
    }
}

impl fmt::Display for FileRole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.file_stem())
    }
}

impl Convention {
    /// Reads a file name. The second value is the rank of its extension: of two files with one meaning in a folder, the
    /// lower rank wins.
    pub(crate) fn parse(file_name: &str, page_extensions: &[String]) -> Option<(Self, usize)> {
        page_extensions.iter().enumerate().find_map(|(rank, extension)| {
            let stem = file_name.strip_suffix(extension.as_str())?.strip_suffix('.')?;
            let convention = match stem {
                "route" => Self::Handler,
                stem => Self::Role(FileRole::from_stem(stem)?),
            };
            Some((convention, rank))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(file_name: &str) -> Option<(Convention, usize)> {
        Convention::parse(file_name, &DEFAULT_PAGE_EXTENSIONS.map(str::to_owned))
    }

    #[test]
    fn conventions_are_read_with_their_extension() {
        assert_eq!(parse("page.tsx"), Some((Convention::Role(FileRole::Page), 0)));
        assert_eq!(parse("not-found.js"), Some((Convention::Role(FileRole::NotFound), 3)));
        assert_eq!(parse("route.ts"), Some((Convention::Handler, 1)));
    }

    #[test]
    fn other_files_are_private() {
        for name in ["page.d.ts", "page.css", "Page.tsx", "page", "pages.tsx", "page.test.tsx", ".tsx"] {
            assert_eq!(parse(name), None, "{name}");
        }
    }

    #[test]
    fn an_extension_may_have_several_parts() {
        let extensions = ["page.tsx".to_owned()];
        assert_eq!(Convention::parse("layout.page.tsx", &extensions), Some((Convention::Role(FileRole::Layout), 0)));
        assert_eq!(Convention::parse("layout.tsx", &extensions), None);
    }
}
