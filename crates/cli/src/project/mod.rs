//! The user's project on disk: its root, its `app/` folder, its environment files.

pub(crate) mod env;
mod packages;
pub(crate) mod tsconfig;

use camino::{Utf8Path, Utf8PathBuf};

pub(crate) use packages::{installed_version, react_fallback_dir};

use crate::error::CliError;

/// A project that has been found on disk.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    /// Absolute path of the folder with `package.json`.
    pub(crate) root: Utf8PathBuf,
}

impl Project {
    /// Opens the project in `dir`.
    pub(crate) fn open(dir: &Utf8Path) -> Result<Self, CliError> {
        let root =
            dir.canonicalize_utf8().map_err(|source| CliError::NoSuchDirectory { dir: dir.to_owned(), source })?;
        if !root.is_dir() {
            return Err(CliError::NotADirectory { path: root });
        }
        Ok(Self { root })
    }

    /// The `app/` folder: at the root, else below `src/`.
    pub(crate) fn app_dir(&self) -> Result<Utf8PathBuf, CliError> {
        for candidate in ["app", "src/app"] {
            let path = self.root.join(candidate);
            if path.is_dir() {
                return Ok(path);
            }
        }
        let has_pages = ["pages", "src/pages"].iter().any(|folder| self.root.join(folder).is_dir());
        Err(if has_pages {
            CliError::PagesRouterOnly { root: self.root.clone() }
        } else if self.root.join("package.json").is_file() {
            CliError::NoAppDirectory { root: self.root.clone() }
        } else {
            CliError::NotAProject { root: self.root.clone() }
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
        (folder, path)
    }

    #[test]
    fn app_at_the_root_wins_over_src() {
        let (_guard, root) = folder();
        std::fs::create_dir_all(root.join("src/app")).unwrap();
        let project = Project::open(&root).unwrap();
        assert_eq!(project.app_dir().unwrap(), root.join("src/app"));
        std::fs::create_dir(root.join("app")).unwrap();
        assert_eq!(project.app_dir().unwrap(), root.join("app"));
    }

    #[test]
    fn a_folder_without_app_is_told_apart_from_a_folder_without_a_project() {
        let (_guard, root) = folder();
        let project = Project::open(&root).unwrap();
        assert!(matches!(project.app_dir(), Err(CliError::NotAProject { .. })));
        std::fs::write(root.join("package.json"), "{}").unwrap();
        assert!(matches!(project.app_dir(), Err(CliError::NoAppDirectory { .. })));
        std::fs::create_dir(root.join("pages")).unwrap();
        assert!(matches!(project.app_dir(), Err(CliError::PagesRouterOnly { .. })));
    }

    #[test]
    fn a_missing_folder_is_named() {
        let (_guard, root) = folder();
        let missing = root.join("nowhere");
        assert!(matches!(Project::open(&missing), Err(CliError::NoSuchDirectory { dir, .. }) if dir == missing));
    }
}
