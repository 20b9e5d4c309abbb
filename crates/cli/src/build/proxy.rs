//! `proxy.ts`, or `middleware.ts` as it was called: what is asked before a route answers.

use camino::{Utf8Path, Utf8PathBuf};
use vinext_adapters::manifest::ProxyAsset;
use vinext_compiler::BuildError;
use vinext_compiler::diagnostics::Diagnostic;
use vinext_compiler::directives::{ProxyKind, proxy_file};
use vinext_router::{CanonicalPath, SourceDefinition};

use crate::error::CliError;

/// The proxy of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    /// Its file, relative to the project.
    pub(crate) file: Utf8PathBuf,
    /// What a server has to know of it.
    pub(crate) asset: ProxyAsset,
    /// By which name it was found.
    pub(crate) kind: ProxyKind,
}

/// Looks beside the `app` folder, and reads what is there.
pub(super) fn find(
    root: &Utf8Path,
    app_dir: &Utf8Path,
    extensions: &[&str],
    base_path: &CanonicalPath,
) -> Result<Option<Proxy>, CliError> {
    let folder = app_dir.parent().unwrap_or(root);
    let file = |kind: ProxyKind| {
        let paths = extensions.iter().map(|extension| folder.join(format!("{}.{extension}", kind.name())));
        let path = paths.into_iter().find(|path| path.is_file())?;
        Some((kind, path.strip_prefix(root).map(Utf8Path::to_owned).unwrap_or(path)))
    };
    let (kind, file) = match (file(ProxyKind::Proxy), file(ProxyKind::Middleware)) {
        (Some((_, proxy)), Some((_, middleware))) => return Err(CliError::TwoProxies { proxy, middleware }),
        (found, other) => match found.or(other) {
            Some(found) => found,
            None => return Ok(None),
        },
    };
    let path = root.join(&file);
    let source = std::fs::read_to_string(&path).map_err(|source| CliError::Read { path, source })?;
    let refused = |problems| CliError::Compile(BuildError::Source(problems));
    let found = proxy_file(&file, &source, kind).map_err(refused)?;
    let mut matcher = Vec::new();
    let mut problems = Vec::new();
    for item in found.matcher.iter().flatten() {
        match definition(&item.value, base_path) {
            Ok(definition) => matcher.push(definition),
            Err(problem) => problems.push(
                Diagnostic::error(format!("a matcher of the {} {problem}", kind.name()))
                    .with_code("vinext::proxy_matcher")
                    .with_source(&file, source.clone())
                    .with_label(item.place.0, item.place.1, "this matcher")
                    .with_help("see https://nextjs.org/docs/app/api-reference/file-conventions/proxy#matcher"),
            ),
        }
    }
    if !problems.is_empty() {
        return Err(refused(problems));
    }
    let asset = ProxyAsset { matcher: found.matcher.map(|_| matcher) };
    Ok(Some(Proxy { file, asset, kind }))
}

/// What to say of a file that has an old name.
pub(super) fn outdated(proxy: &Proxy) -> Option<Diagnostic> {
    (proxy.kind == ProxyKind::Middleware).then(|| {
        Diagnostic::warning(format!("`{}` has an old name", proxy.file))
            .with_code("vinext::proxy")
            .with_help("rename the file and its function to `proxy`; `config.runtime` is not needed any more")
    })
}

/// The definition of a matcher whose patterns can be used.
fn definition(value: &serde_json::Value, base_path: &CanonicalPath) -> Result<SourceDefinition, String> {
    let mut value = value.clone();
    if let Some(members) = value.as_object_mut() {
        // There are no locales in the App Router.
        members.remove("locale");
        members.retain(|_, value| !value.is_null());
    }
    let definition: SourceDefinition = serde_json::from_value(value).map_err(|error| format!("is not one: {error}"))?;
    let asset = ProxyAsset { matcher: Some(vec![definition.clone()]) };
    asset.matcher(base_path).map_err(|error| format!("with `source` `{}` {}", error.source_pattern, error.problem))?;
    Ok(definition)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
        for (file, text) in files {
            std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            std::fs::write(root.join(file), text).unwrap();
        }
        (folder, root)
    }

    fn found(files: &[(&str, &str)], app: &str) -> Result<Option<Proxy>, CliError> {
        let (_guard, root) = project(files);
        find(&root, &root.join(app), &["tsx", "ts"], &CanonicalPath::root())
    }

    const PROXY: &str = "export function proxy() {}";

    #[test]
    fn it_is_beside_the_app_folder() {
        let proxy = found(&[("src/proxy.ts", PROXY), ("proxy.ts", "nothing")], "src/app").unwrap().unwrap();
        assert_eq!((proxy.file.as_str(), proxy.asset.matcher), ("src/proxy.ts", None));
        assert_eq!(found(&[("src/proxy.ts", PROXY), ("app/proxy.ts", PROXY)], "app").unwrap(), None);
    }

    #[test]
    fn two_are_one_too_many() {
        let two = [("proxy.ts", PROXY), ("middleware.ts", "export default () => {}")];
        assert!(matches!(found(&two, "app"), Err(CliError::TwoProxies { .. })));
    }

    #[test]
    fn matchers_are_compiled_before_anybody_asks() {
        let with = |matcher: &str| {
            found(&[("proxy.ts", &format!("{PROXY}\nexport const config = {{ matcher: {matcher} }}"))], "app")
        };
        let asset =
            with("[{ source: '/a', locale: false, has: [{ type: 'cookie', key: 'x' }] }]").unwrap().unwrap().asset;
        assert_eq!(asset.matcher.unwrap()[0].source, "/a");
        for matcher in [
            "'/(a(?=b)c)'",
            "[{ source: '/a', has: [{ type: 'ip', key: 'x' }] }]",
            "[{ source: '/a', has: [{ type: 'query' }] }]",
        ] {
            assert!(matches!(with(matcher), Err(CliError::Compile(_))), "{matcher}");
        }
    }
}
