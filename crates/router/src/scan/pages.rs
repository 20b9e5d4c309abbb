//! The routes of `pages/`, as far as an app has to know of them: which paths they answer. Serving them is not for this crate.

use camino::{Utf8Path, Utf8PathBuf};

/// Paths of files that are no pages of their own.
const SPECIAL: [&str; 5] = ["/_app", "/_document", "/_error", "/404", "/500"];

/// A file in `pages/` that answers a path: a page, or an API route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PagesRoute {
    pub(super) pattern: String,
    pub(super) file: Utf8PathBuf,
}

/// The routes among the files of `pages_dir`.
pub(super) fn routes(pages_dir: &Utf8Path, files: &[Utf8PathBuf], page_extensions: &[String]) -> Vec<PagesRoute> {
    let route = |file: &Utf8PathBuf| {
        let pattern = pattern(file.strip_prefix(pages_dir).ok()?, page_extensions)?;
        Some(PagesRoute { pattern, file: file.clone() })
    };
    files.iter().filter_map(route).collect()
}

/// The path that a file below `pages/` answers; none if it is no route.
fn pattern(inside: &Utf8Path, page_extensions: &[String]) -> Option<String> {
    let inside = inside.as_str();
    if inside.ends_with(".d.ts") {
        return None;
    }
    let stem =
        page_extensions.iter().find_map(|extension| inside.strip_suffix(extension.as_str())?.strip_suffix('.'))?;
    let path = format!("/{stem}");
    // One `index` stands for its folder: `index/index` is a page of that name.
    let path = match path.strip_suffix("/index") {
        Some("") => "/",
        Some(folder) => folder,
        None => &path,
    };
    let has_name = !path.ends_with('/') || path == "/";
    (has_name && !SPECIAL.contains(&path)).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conventions::DEFAULT_PAGE_EXTENSIONS;

    fn path(inside: &str) -> Option<String> {
        pattern(Utf8Path::new(inside), &DEFAULT_PAGE_EXTENSIONS.map(str::to_owned))
    }

    #[test]
    fn a_file_answers_the_path_of_its_name() {
        for (file, expected) in [
            ("index.tsx", "/"),
            ("about.js", "/about"),
            ("a/index.tsx", "/a"),
            ("index/index.tsx", "/index"),
            ("api/users/[id].ts", "/api/users/[id]"),
            ("[[...all]].tsx", "/[[...all]]"),
            ("_lib/tool.ts", "/_lib/tool"),
            ("a/404.tsx", "/a/404"),
        ] {
            assert_eq!(path(file).as_deref(), Some(expected), "{file}");
        }
    }

    #[test]
    fn special_files_and_those_of_other_kinds_are_no_routes() {
        for file in [
            "_app.tsx",
            "_document.js",
            "_error.tsx",
            "404.tsx",
            "500.tsx",
            "types.d.ts",
            "style.css",
            "README.md",
            "a/.ts",
        ] {
            assert_eq!(path(file), None, "{file}");
        }
    }

    #[test]
    fn an_extension_may_have_several_parts() {
        let extensions = ["page.tsx".to_owned()];
        assert_eq!(pattern(Utf8Path::new("about.page.tsx"), &extensions).as_deref(), Some("/about"));
        assert_eq!(pattern(Utf8Path::new("about.tsx"), &extensions), None);
    }
}
