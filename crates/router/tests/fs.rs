//! Scanning a real folder.
#![cfg(feature = "fs")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use vinext_router::{DEFAULT_PAGE_EXTENSIONS, ScanError, scan_app};

struct Project {
    // Deletes the folder when dropped.
    _folder: tempfile::TempDir,
    root: Utf8PathBuf,
}

fn project(files: &[&str]) -> Project {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap().to_owned();
    for file in files {
        let file = root.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "").unwrap();
    }
    Project { _folder: folder, root }
}

fn ids(project: &Project) -> Vec<String> {
    let graph = scan_app(&project.root, &DEFAULT_PAGE_EXTENSIONS).unwrap();
    graph.routes.iter().map(|route| route.id.to_string()).collect()
}

#[test]
fn the_routes_of_a_folder_are_found() {
    let project = project(&[
        "src/app/layout.tsx",
        "src/app/(shop)/[id]/page.tsx",
        "src/app/_lib/page.tsx",
        "src/app/api/route.ts",
        "src/app/globals.css",
        "node_modules/app/page.tsx",
        "package.json",
    ]);
    assert_eq!(ids(&project), ["/(shop)/[id]/page", "/_not-found/page", "/api/route"]);
}

#[test]
fn the_pages_folder_has_no_private_folders() {
    let project = project(&["app/layout.tsx", "app/_lib/page.tsx", "pages/_lib/tool.tsx", "pages/_app.tsx"]);
    let graph = scan_app(&project.root, &DEFAULT_PAGE_EXTENSIONS).unwrap();
    assert_eq!(graph.pages, ["pages/_lib/tool.tsx"]);
}

#[test]
fn a_folder_without_an_app_is_named_in_the_error() {
    let project = project(&["package.json"]);
    let errors = scan_app(&project.root, &DEFAULT_PAGE_EXTENSIONS).unwrap_err();
    assert!(matches!(errors.errors(), [ScanError::NoAppDir { root }] if *root == project.root));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_a_link_to_a_parent_ends() {
    use std::os::unix::fs::symlink;

    let project = project(&["app/layout.tsx", "app/a/page.tsx", "elsewhere/b/page.tsx"]);
    symlink(project.root.join("elsewhere"), project.root.join("app/linked")).unwrap();
    symlink(project.root.join("app"), project.root.join("app/a/up")).unwrap();
    symlink(project.root.join("nowhere"), project.root.join("app/dangling")).unwrap();
    let ids = ids(&project);
    assert!(ids.contains(&"/linked/b/page".to_owned()), "{ids:?}");
    assert!(ids.len() < 10, "{ids:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_whose_name_is_not_utf8_is_reported() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let project = project(&["app/layout.tsx", "app/page.tsx"]);
    fs::create_dir(project.root.as_std_path().join("app").join(OsStr::from_bytes(b"caf\xe9"))).unwrap();
    let errors = scan_app(&project.root, &DEFAULT_PAGE_EXTENSIONS).unwrap_err();
    assert!(matches!(errors.errors(), [ScanError::NotUtf8 { parent, .. }] if parent == "app"));
}
