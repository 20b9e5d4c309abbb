//! The names of exported files.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use vinext_router::CanonicalPath;

/// The longest name of a file or folder, in bytes: what common file systems have room for.
const LONGEST: usize = 255;

/// A file of an export, by its path below the folder of the export: `blog/hello world.html`.
///
/// Invariant: it stays below that folder. There is no segment that is empty, `.` or `..`, and none with a separator of any
/// platform, or with a control character, in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(Utf8PathBuf);

impl FileName {
    /// The file with this name in a folder; `None` if the segments cannot be names.
    ///
    /// ```
    /// use vinext_adapters::export::FileName;
    ///
    /// assert_eq!(FileName::new(["blog", "a.html"]).unwrap().to_string(), "blog/a.html");
    /// assert!(FileName::new(["blog", "..", "a"]).is_none());
    /// assert!(FileName::new(["a/b"]).is_none());
    /// ```
    #[must_use]
    pub fn new<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> Option<Self> {
        let mut path = String::new();
        for segment in segments {
            let segment = segment.as_ref();
            let is_wrong = |byte: u8| matches!(byte, b'/' | b'\\') || byte.is_ascii_control();
            if matches!(segment, "" | "." | "..") || segment.len() > LONGEST || segment.bytes().any(is_wrong) {
                return None;
            }
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(segment);
        }
        (!path.is_empty()).then_some(Self(path.into()))
    }

    /// The file whose URL is `path`.
    #[must_use]
    pub fn of(path: &CanonicalPath) -> Option<Self> {
        Self::new(path.decoded_segments())
    }

    /// The path below the folder of the export.
    #[must_use]
    pub fn as_path(&self) -> &Utf8Path {
        &self.0
    }

    /// The folders that it is in, from the innermost.
    pub(super) fn folders(&self) -> impl Iterator<Item = &Utf8Path> {
        self.0.ancestors().skip(1).filter(|folder| !folder.as_str().is_empty())
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_str())
    }
}

/// The files of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFiles {
    /// What browsers load.
    pub document: FileName,
    /// What the router in the browser fetches instead.
    pub payload: FileName,
}

impl PageFiles {
    /// The files of the page at `path`, named so that hosts without rules find them: `about.html`, or with slashes at the end
    /// of URLs `about/index.html`. `None` if the path cannot be that of a file.
    #[must_use]
    pub fn of(path: &CanonicalPath, trailing_slash: bool) -> Option<Self> {
        let mut segments: Vec<String> = path.decoded_segments().collect();
        let stem = if trailing_slash { None } else { segments.pop() };
        let stem = stem.unwrap_or_else(|| "index".to_owned());
        let file = |extension: &str| {
            let name = format!("{stem}.{extension}");
            FileName::new(segments.iter().map(String::as_str).chain([name.as_str()]))
        };
        // A stem that is no name must not become one with an extension.
        FileName::new([&stem])?;
        Some(Self { document: file("html")?, payload: file("txt")? })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn page(path: &str, trailing_slash: bool) -> Option<(String, String)> {
        let files = PageFiles::of(&path.parse().unwrap(), trailing_slash)?;
        Some((files.document.to_string(), files.payload.to_string()))
    }

    fn pair(document: &str, payload: &str) -> (String, String) {
        (document.to_owned(), payload.to_owned())
    }

    #[test]
    fn a_page_is_a_document_and_a_payload_beside_it() {
        assert_eq!(page("/", false), Some(pair("index.html", "index.txt")));
        assert_eq!(page("/about", false), Some(pair("about.html", "about.txt")));
        assert_eq!(page("/blog/a%20b", false), Some(pair("blog/a b.html", "blog/a b.txt")));
        assert_eq!(page("/v1.2", false), Some(pair("v1.2.html", "v1.2.txt")));
    }

    #[test]
    fn with_slashes_at_the_end_of_urls_a_page_is_a_folder() {
        assert_eq!(page("/", true), Some(pair("index.html", "index.txt")));
        assert_eq!(page("/about", true), Some(pair("about/index.html", "about/index.txt")));
        assert_eq!(page("/v1.2", true), Some(pair("v1.2/index.html", "v1.2/index.txt")));
    }

    #[test]
    fn a_segment_with_a_separator_in_it_is_no_name() {
        for path in ["/a%2Fb", "/a%5Cb", "/..%2Fa", "/a%2Fb/c"] {
            assert_eq!((page(path, false), page(path, true)), (None, None), "{path}");
            assert_eq!(FileName::of(&path.parse().unwrap()), None, "{path}");
        }
        assert_eq!(page(&format!("/{}", "a".repeat(251)), false), None);
        assert!(page(&format!("/{}", "a".repeat(250)), false).is_some());
        assert_eq!(FileName::of(&CanonicalPath::root()), None);
    }
}
