//! `instrumentation` and `instrumentation-client`: what runs when a server starts, and when a document does.

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::CliError;

/// The files that were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Instrumentation {
    /// For the server, relative to the project.
    pub(crate) server: Option<Utf8PathBuf>,
    /// For browsers, in the order in which they run: absolute paths and packages.
    pub(crate) client: Vec<String>,
}

/// Looks beside the `app` folder. `injected` are the modules that the configuration adds for browsers.
pub(super) fn find(
    root: &Utf8Path,
    app_dir: &Utf8Path,
    extensions: &[&str],
    injected: &[String],
) -> Result<Instrumentation, CliError> {
    let folder = app_dir.parent().unwrap_or(root);
    let file = |name: &str| {
        extensions.iter().map(|extension| folder.join(format!("{name}.{extension}"))).find(|path| path.is_file())
    };
    let server = file("instrumentation").map(|path| path.strip_prefix(root).map(Utf8Path::to_owned).unwrap_or(path));
    let mut client = Vec::new();
    for module in injected {
        client.push(if module.starts_with('.') { existing(root, module)? } else { module.clone() });
    }
    client.extend(file("instrumentation-client").map(Utf8PathBuf::into_string));
    Ok(Instrumentation { server, client })
}

/// The file that a relative path of the configuration names.
fn existing(root: &Utf8Path, module: &str) -> Result<String, CliError> {
    let path = root.join(module);
    let found =
        ["", ".ts", ".tsx", ".js", ".jsx", ".mjs"].iter().map(|ending| Utf8PathBuf::from(format!("{path}{ending}")));
    let found = found.into_iter().find(|path| path.is_file()).and_then(|path| path.canonicalize_utf8().ok());
    found.map(Utf8PathBuf::into_string).ok_or_else(|| CliError::ConfigValue {
        path: root.join("next.config"),
        key: "instrumentationClientInject".to_owned(),
        problem: format!("names `{module}`, and there is no such file"),
        help: "write a path relative to the project, or the name of a package".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn project(files: &[&str]) -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
        for file in files {
            std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            std::fs::write(root.join(file), "").unwrap();
        }
        (folder, root)
    }

    #[test]
    fn the_files_are_beside_the_app_folder() {
        let (_guard, root) =
            project(&["src/instrumentation.ts", "src/instrumentation-client.js", "instrumentation.ts"]);
        let found = find(&root, &root.join("src/app"), &["tsx", "ts", "js"], &[]).unwrap();
        assert_eq!(found.server, Some("src/instrumentation.ts".into()));
        assert_eq!(found.client, [root.join("src/instrumentation-client.js").into_string()]);
        let found = find(&root, &root.join("app"), &["js"], &[]).unwrap();
        assert_eq!(found, Instrumentation::default());
    }

    #[test]
    fn what_the_configuration_adds_runs_first() {
        let (_guard, root) = project(&["first.ts", "instrumentation-client.ts"]);
        let injected = ["./first".to_owned(), "@monitor/browser".to_owned()];
        let found = find(&root, &root.join("app"), &["ts"], &injected).unwrap();
        let paths = [root.join("first.ts"), "@monitor/browser".into(), root.join("instrumentation-client.ts")];
        assert_eq!(found.client, paths.map(Utf8PathBuf::into_string));
    }

    #[test]
    fn a_module_that_is_not_there_is_named() {
        let (_guard, root) = project(&[]);
        let error = find(&root, &root.join("app"), &["ts"], &["./missing.ts".to_owned()]).unwrap_err();
        assert!(matches!(error, CliError::ConfigValue { problem, .. } if problem.contains("./missing.ts")));
    }
}
