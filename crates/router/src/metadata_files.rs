//! Metadata files: icons, share images, sitemaps, robots and manifests, by their names
//! (<https://nextjs.org/docs/app/api-reference/file-conventions/metadata>).

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::pattern::raw_segments;

/// What a metadata file is for. The variants are the keys of the manifest, in camel case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum MetadataKind {
    /// `favicon.ico`, in the root folder only.
    Favicon,
    /// `icon`, `icon0` ...
    Icon,
    /// `apple-icon`.
    AppleIcon,
    /// `opengraph-image`.
    OpenGraphImage,
    /// `twitter-image`.
    TwitterImage,
    /// `sitemap`.
    Sitemap,
    /// `robots`, in the root folder only.
    Robots,
    /// `manifest`, in the root folder only.
    Manifest,
}

/// A metadata file of a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MetadataFile {
    /// What it is for.
    pub kind: MetadataKind,
    /// The file, relative to the project root.
    pub file: Utf8PathBuf,
    /// The pattern of its URL: `/blog/[slug]/opengraph-image`.
    pub url: String,
    /// The file is sent as it is; else it is a module that makes what is sent.
    pub is_static: bool,
    /// A module that makes several, each at the URL with an id: see [`RouteGraph::give_ids`](crate::RouteGraph::give_ids).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_ids: bool,
    /// The text file with what the image shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<Utf8PathBuf>,
}

impl MetadataKind {
    const ALL: [Self; 8] = [
        Self::Favicon,
        Self::Icon,
        Self::AppleIcon,
        Self::OpenGraphImage,
        Self::TwitterImage,
        Self::Sitemap,
        Self::Robots,
        Self::Manifest,
    ];

    /// The file's name without extension and number.
    #[must_use]
    pub const fn file_stem(self) -> &'static str {
        match self {
            Self::Favicon => "favicon",
            Self::Icon => "icon",
            Self::AppleIcon => "apple-icon",
            Self::OpenGraphImage => "opengraph-image",
            Self::TwitterImage => "twitter-image",
            Self::Sitemap => "sitemap",
            Self::Robots => "robots",
            Self::Manifest => "manifest",
        }
    }

    /// The extensions of files that are sent as they are.
    const fn static_extensions(self) -> &'static [&'static str] {
        match self {
            Self::Favicon => &["ico"],
            Self::Icon => &["ico", "jpg", "jpeg", "png", "svg"],
            Self::AppleIcon => &["jpg", "jpeg", "png"],
            Self::OpenGraphImage | Self::TwitterImage => &["jpg", "jpeg", "png", "gif"],
            Self::Sitemap => &["xml"],
            Self::Robots => &["txt"],
            Self::Manifest => &["webmanifest", "json"],
        }
    }

    /// The extension in the URL of what a module makes.
    const fn made_extension(self) -> Option<&'static str> {
        match self {
            Self::Sitemap => Some("xml"),
            Self::Robots => Some("txt"),
            Self::Manifest => Some("webmanifest"),
            _ => None,
        }
    }

    /// Several of them may be in one folder, numbered by one digit.
    const fn is_image(self) -> bool {
        matches!(self, Self::Icon | Self::AppleIcon | Self::OpenGraphImage | Self::TwitterImage)
    }

    /// These count in the root folder only.
    const fn is_global(self) -> bool {
        matches!(self, Self::Favicon | Self::Robots | Self::Manifest)
    }

    /// Whether a module of this kind may make several, each with an id.
    #[must_use]
    pub const fn may_have_ids(self) -> bool {
        self.is_image() || matches!(self, Self::Sitemap)
    }
}

/// What a file name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MetadataName<'n> {
    pub(crate) kind: MetadataKind,
    /// Without extension: `icon2`.
    stem: &'n str,
    /// Of a file that is sent as it is.
    static_extension: Option<&'n str>,
    /// Of two modules with one name the lower rank wins.
    pub(crate) rank: usize,
}

impl<'n> MetadataName<'n> {
    pub(crate) fn parse(file_name: &'n str, page_extensions: &[String]) -> Option<Self> {
        let by_stem = |stem: &str| {
            MetadataKind::ALL.into_iter().find(|kind| {
                stem.strip_prefix(kind.file_stem()).is_some_and(|number| {
                    number.is_empty() || (kind.is_image() && number.len() == 1 && number.as_bytes()[0].is_ascii_digit())
                })
            })
        };
        let (stem, extension) = file_name.rsplit_once('.')?;
        if let Some(kind) = by_stem(stem)
            && kind.static_extensions().contains(&extension)
        {
            return Some(Self { kind, stem, static_extension: Some(extension), rank: 0 });
        }
        page_extensions.iter().enumerate().find_map(|(rank, extension)| {
            let stem = file_name.strip_suffix(extension.as_str())?.strip_suffix('.')?;
            let kind = by_stem(stem).filter(|kind| *kind != MetadataKind::Favicon)?;
            Some(Self { kind, stem, static_extension: None, rank })
        })
    }

    /// The file at the URL it has in a folder. `inside` is the folder's path below `app`, `pattern` its URL pattern.
    pub(crate) fn place(&self, file: &Utf8Path, inside: &Utf8Path, pattern: &str) -> Option<MetadataFile> {
        if self.kind.is_global() && !inside.as_str().is_empty() {
            return None;
        }
        let extension = self.static_extension.or(self.kind.made_extension());
        let suffix = if self.kind == MetadataKind::Sitemap { String::new() } else { suffix(inside) };
        let dot = if extension.is_some() { "." } else { "" };
        Some(MetadataFile {
            kind: self.kind,
            file: file.to_owned(),
            url: format!("{pattern}/{}{suffix}{dot}{}", self.stem, extension.unwrap_or_default()),
            is_static: self.static_extension.is_some(),
            has_ids: false,
            alt: None,
        })
    }
}

/// The image whose description a text file is: `opengraph-image.alt.txt` describes `opengraph-image.png`.
pub(crate) fn described(file_name: &str) -> Option<&str> {
    let stem = file_name.strip_suffix(".alt.txt")?;
    let kinds = [MetadataKind::OpenGraphImage, MetadataKind::TwitterImage];
    kinds.iter().any(|kind| stem.starts_with(kind.file_stem())).then_some(stem)
}

/// Folders that are not in the URL must not make two files one: their path, hashed as Next does, keeps them apart.
fn suffix(inside: &Utf8Path) -> String {
    let is_hidden = |name: &str| (name.starts_with('(') && name.ends_with(')')) || name.starts_with('@');
    if !inside.components().any(|component| is_hidden(component.as_str())) {
        return String::new();
    }
    let path = format!("/{inside}");
    let hash = path.encode_utf16().fold(5381_u32, |hash, unit| hash.wrapping_mul(33).wrapping_add(u32::from(unit)));
    format!("-{}", &base36(hash)[..6.min(base36(hash).len())])
}

fn base36(mut number: u32) -> String {
    let mut digits = Vec::new();
    while number > 0 {
        digits.extend(char::from_digit(number % 36, 36));
        number /= 36;
    }
    digits.iter().rev().collect()
}

/// The pattern of the URLs of a module that makes several.
pub(crate) fn with_ids(kind: MetadataKind, url: &str) -> String {
    let base = match kind {
        MetadataKind::Sitemap => url.strip_suffix(".xml").unwrap_or(url),
        _ => url,
    };
    format!("{base}/[__metadata_id__]")
}

impl MetadataFile {
    /// Where a static file is that stands below a dynamic segment: it is the same for all of its values.
    #[must_use]
    pub fn static_url(&self) -> String {
        let mut url = String::new();
        for segment in raw_segments(&self.url) {
            url.push('/');
            url.push_str(if segment.starts_with('[') { "-" } else { segment });
        }
        url
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn url(name: &str, inside: &str, pattern: &str) -> Option<String> {
        let extensions = ["tsx".to_owned(), "ts".to_owned()];
        let parsed = MetadataName::parse(name, &extensions)?;
        Some(parsed.place(Utf8Path::new(name), Utf8Path::new(inside), pattern)?.url)
    }

    #[test]
    fn names_say_where_files_are() {
        for (name, inside, pattern, expected) in [
            ("favicon.ico", "", "", "/favicon.ico"),
            ("icon2.png", "", "", "/icon2.png"),
            ("icon.tsx", "", "", "/icon"),
            ("apple-icon.jpeg", "about", "/about", "/about/apple-icon.jpeg"),
            ("opengraph-image.ts", "blog/[slug]", "/blog/[slug]", "/blog/[slug]/opengraph-image"),
            ("sitemap.ts", "(shop)/products", "/products", "/products/sitemap.xml"),
            ("robots.ts", "", "", "/robots.txt"),
            ("manifest.ts", "", "", "/manifest.webmanifest"),
            ("manifest.json", "", "", "/manifest.json"),
            ("opengraph-image.jpg", "(shop)/cart", "/cart", "/cart/opengraph-image-1lspd2.jpg"),
        ] {
            assert_eq!(url(name, inside, pattern).as_deref(), Some(expected), "{name} in {inside}");
        }
    }

    #[test]
    fn other_names_are_other_files() {
        for (name, inside) in [
            ("favicon.ico", "about"),
            ("favicon.tsx", ""),
            ("robots.txt", "about"),
            ("manifest.ts", "about"),
            ("icon10.png", ""),
            ("icons.png", ""),
            ("icon.gif", ""),
            ("sitemap1.xml", ""),
            ("icon", ""),
        ] {
            assert_eq!(url(name, inside, "/x"), None, "{name} in {inside}");
        }
        assert_eq!(described("opengraph-image.alt.txt"), Some("opengraph-image"));
        assert_eq!(described("icon.alt.txt"), None);
    }

    #[test]
    fn ids_are_below_the_url() {
        assert_eq!(with_ids(MetadataKind::Sitemap, "/a/sitemap.xml"), "/a/sitemap/[__metadata_id__]");
        assert_eq!(with_ids(MetadataKind::Icon, "/[x]/icon"), "/[x]/icon/[__metadata_id__]");
    }

    #[test]
    fn a_static_file_below_a_dynamic_segment_has_one_url() {
        let name = MetadataName::parse("icon.png", &[]).unwrap();
        let file = name.place(Utf8Path::new("x"), Utf8Path::new("[a]/b"), "/[a]/b").unwrap();
        assert_eq!(file.static_url(), "/-/b/icon.png");
    }
}
