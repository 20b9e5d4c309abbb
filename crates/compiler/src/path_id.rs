//! Names of modules that are the same on every machine: what ids, hashes and class names are made of.

use camino::{Utf8Path, Utf8PathBuf};

/// A module's name wherever it must be the same on every machine: relative to the project root; for packages, relative
/// to the innermost `node_modules`; for our own modules, their id.
pub(crate) fn path_id(root: &Utf8Path, id: &str) -> String {
    if id.starts_with("vinext:") {
        return id.to_owned();
    }
    if let Some((_, inside)) = id.rsplit_once("/node_modules/") {
        return inside.to_owned();
    }
    relative(root, Utf8Path::new(id)).into_string()
}

/// `path` as seen from `root`, with `..` where it lies outside.
fn relative(root: &Utf8Path, path: &Utf8Path) -> Utf8PathBuf {
    if !path.is_absolute() {
        return path.to_owned();
    }
    let mut up = Utf8PathBuf::new();
    for ancestor in root.ancestors() {
        if let Ok(rest) = path.strip_prefix(ancestor) {
            return up.join(rest);
        }
        up.push("..");
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_modules_do_not_depend_on_the_machine() {
        let root = Utf8Path::new("/home/me/app");
        for (id, expected) in [
            ("/home/me/app/app/page.tsx", "app/page.tsx"),
            ("/home/me/ui/button.tsx", "../ui/button.tsx"),
            ("/home/me/app/node_modules/a/index.js", "a/index.js"),
            ("/home/me/app/node_modules/.pnpm/a@1/node_modules/a/b.js", "a/b.js"),
            ("vinext:runtime/next/link.tsx", "vinext:runtime/next/link.tsx"),
        ] {
            assert_eq!(path_id(root, id), expected);
        }
    }
}
