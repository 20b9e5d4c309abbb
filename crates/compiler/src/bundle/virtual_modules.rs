//! Names of modules that are on no disk.

/// Where the framework's own modules live.
pub(crate) const RUNTIME: &str = "vinext:runtime/";
/// The three entries.
pub(crate) const ENTRY_RSC: &str = "vinext:entry/rsc";
/// See [`ENTRY_RSC`].
pub(crate) const ENTRY_SSR: &str = "vinext:entry/ssr";
/// See [`ENTRY_RSC`].
pub(crate) const ENTRY_CLIENT: &str = "vinext:entry/client";
/// One module per group of client references.
pub(crate) const REFS: &str = "vinext:refs/";
/// What `server-only` and `client-only` are where they are allowed.
pub(crate) const EMPTY: &str = "vinext:empty";
/// Every name of ours starts so.
pub(crate) const SCHEME: &str = "vinext:";

/// Whether `id` is a module of ours rather than a file.
pub(crate) fn is_virtual(id: &str) -> bool {
    id.starts_with(SCHEME)
}

/// Joins a relative specifier to the runtime module it is written in: `../shared/a.ts` in
/// `vinext:runtime/server/b.ts` is `shared/a.ts`. `None` when it leaves the runtime.
pub(crate) fn join_runtime(importer: &str, specifier: &str) -> Option<String> {
    let importer = importer.strip_prefix(RUNTIME)?;
    let mut parts: Vec<&str> = importer.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The paths that a runtime specifier without, or with a wrong, extension may mean, the likeliest first.
pub(crate) fn runtime_candidates(path: &str) -> impl Iterator<Item = String> {
    let stem = path.strip_suffix(".js").map(ToOwned::to_owned);
    let extensionless = path.to_owned();
    std::iter::once(path.to_owned())
        .chain([".ts", ".tsx", "/index.ts"].into_iter().map(move |extension| format!("{extensionless}{extension}")))
        .chain(stem.into_iter().flat_map(|stem| [format!("{stem}.ts"), format!("{stem}.tsx")]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn relative_specifiers_join_inside_the_runtime_and_never_leave_it() {
        let importer = "vinext:runtime/server/app/render.ts";
        assert_eq!(join_runtime(importer, "./tree.ts").unwrap(), "server/app/tree.ts");
        assert_eq!(join_runtime(importer, "../../shared/a").unwrap(), "shared/a");
        assert_eq!(join_runtime(importer, "../../../etc/passwd"), None);
        assert_eq!(join_runtime("/abs/file.ts", "./a"), None);
    }

    #[test]
    fn a_specifier_may_leave_its_extension_out_or_name_the_compiled_one() {
        let candidates: Vec<_> = runtime_candidates("shared/a.js").collect();
        assert_eq!(candidates[0], "shared/a.js");
        assert!(candidates.contains(&"shared/a.ts".to_owned()));
        assert!(runtime_candidates("shared/a").any(|path| path == "shared/a.tsx"));
    }
}
