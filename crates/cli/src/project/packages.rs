//! What is installed in the project's `node_modules`, found the way Node finds it: upwards from the project.

use camino::{Utf8Path, Utf8PathBuf};

/// The installed version of the package `name`, as its `package.json` says.
pub(crate) fn installed_version(root: &Utf8Path, name: &str) -> Option<String> {
    let manifest = root
        .ancestors()
        .map(|folder| folder.join("node_modules").join(name).join("package.json"))
        .find(|path| path.is_file())?;
    let text = std::fs::read_to_string(manifest).ok()?;
    let json: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(json.get("version")?.as_str()?.to_owned())
}

/// The folder beside the executable whose `node_modules` has React's Flight package, where vinext's npm package brings it.
pub(crate) fn react_fallback_dir() -> Option<Utf8PathBuf> {
    let executable = Utf8PathBuf::from_path_buf(std::env::current_exe().ok()?).ok()?;
    executable
        .ancestors()
        .skip(1)
        .find(|folder| folder.join("node_modules/react-server-dom-webpack/package.json").is_file())
        .map(Utf8Path::to_owned)
}
