//! Which file everything of an export goes to, decided before the first of them is written.

use std::collections::BTreeMap;
use std::ops::Bound;

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;
use vinext_router::CanonicalPath;

use super::name::{FileName, PageFiles};

/// Where the build's own files are.
const OWN: &str = "_next";

/// The files of an export. No two things share a file, and no file is where another's folder has to be.
///
/// ```
/// use vinext_adapters::export::Plan;
///
/// let mut plan = Plan::new(false);
/// plan.add_page(&"/about".parse()?)?;
/// plan.add_file(&"/feed.xml".parse()?)?;
/// let taken = plan.add_file(&"/about.html".parse()?).unwrap_err();
/// assert_eq!(taken.to_string(), "the page /about and /about.html are both the file `about.html`");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Plan {
    trailing_slash: bool,
    /// What each file is.
    files: BTreeMap<Utf8PathBuf, String>,
    /// Which page a host is asked for by what could be a file's name: `/v1.html` is one of `v1.html.html`.
    pages: BTreeMap<Utf8PathBuf, String>,
}

/// Why something cannot be a file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Two things have one name.
    #[error("{first} and {second} are both the file `{file}`")]
    Taken {
        /// What has it.
        first: String,
        /// What wants it.
        second: String,
        /// The name.
        file: Utf8PathBuf,
    },
    /// What one thing is a file for, another has to be in.
    #[error("{file_of} is the file `{file}`, and {folder_of} needs a folder of that name")]
    Folder {
        /// The file's.
        file_of: String,
        /// The folder's.
        folder_of: String,
        /// The name of both.
        file: Utf8PathBuf,
    },
    /// The path is none of a file.
    #[error("{what} cannot be a file: a part of its path is no name of a file")]
    Name {
        /// What.
        what: String,
    },
    /// The folder is for something else.
    #[error("{what} cannot be in `{OWN}`: that folder is the build's own")]
    Reserved {
        /// What.
        what: String,
    },
}

impl Plan {
    /// An empty plan; `trailing_slash` says whether URLs of pages end with one.
    #[must_use]
    pub const fn new(trailing_slash: bool) -> Self {
        Self { trailing_slash, files: BTreeMap::new(), pages: BTreeMap::new() }
    }

    /// The files of the page at `path`.
    ///
    /// # Errors
    ///
    /// [`PlanError`]; the plan is as it was.
    pub fn add_page(&mut self, path: &CanonicalPath) -> Result<PageFiles, PlanError> {
        let what = format!("the page {path}");
        let files = PageFiles::of(path, self.trailing_slash).ok_or_else(|| PlanError::Name { what: what.clone() })?;
        let url = FileName::of(path).map(|url| url.as_path().to_owned());
        if let Some((file, first)) = url.as_ref().and_then(|url| self.files.get_key_value(url)) {
            return Err(PlanError::Taken { first: first.clone(), second: what, file: file.clone() });
        }
        self.check(&files.document, &what)?;
        self.add(&files.payload, &format!("what the router fetches of {what}"))?;
        self.add(&files.document, &what)?;
        self.pages.extend(url.map(|url| (url, what)));
        Ok(files)
    }

    /// The file whose URL is `path`: what a route handler answers, or a metadata file.
    ///
    /// # Errors
    ///
    /// [`PlanError`]; the plan is as it was.
    pub fn add_file(&mut self, path: &CanonicalPath) -> Result<FileName, PlanError> {
        let what = path.to_string();
        let file = FileName::of(path).ok_or_else(|| PlanError::Name { what: what.clone() })?;
        self.add(&file, &what)?;
        Ok(file)
    }

    /// The documents that hosts send for what is not there: `404.html`, and where pages are folders `404/index.html`, too.
    ///
    /// # Errors
    ///
    /// [`PlanError`].
    pub fn add_not_found(&mut self) -> Result<Vec<FileName>, PlanError> {
        let names = [Some(["404.html"].as_slice()), self.trailing_slash.then_some(&["404", "index.html"])];
        let files: Vec<_> = names.into_iter().flatten().filter_map(FileName::new).collect();
        files.iter().try_for_each(|file| self.add(file, "the not-found page"))?;
        Ok(files)
    }

    /// Whether a file cannot be added because of what was: that is this file, is in a folder of this name, or is a file that
    /// this one would have to be in.
    #[must_use]
    pub fn has(&self, file: &FileName) -> bool {
        file.as_path().starts_with(OWN)
            || self.files.contains_key(file.as_path())
            || self.first_below(file.as_path()).is_some()
            || file.folders().any(|folder| self.files.contains_key(folder))
    }

    fn add(&mut self, file: &FileName, what: &str) -> Result<(), PlanError> {
        self.check(file, what)?;
        self.files.insert(file.as_path().to_owned(), what.to_owned());
        Ok(())
    }

    fn check(&self, file: &FileName, what: &str) -> Result<(), PlanError> {
        let path = file.as_path();
        if path.starts_with(OWN) {
            return Err(PlanError::Reserved { what: what.to_owned() });
        }
        if let Some(first) = self.files.get(path).or_else(|| self.pages.get(path)) {
            return Err(PlanError::Taken { first: first.clone(), second: what.to_owned(), file: path.to_owned() });
        }
        let folder = |file_of: &str, folder_of: &str, file: &Utf8Path| PlanError::Folder {
            file_of: file_of.to_owned(),
            folder_of: folder_of.to_owned(),
            file: file.to_owned(),
        };
        if let Some(below) = self.first_below(path) {
            return Err(folder(what, below, path));
        }
        let above = file.folders().find_map(|above| Some((above, self.files.get(above)?)));
        above.map_or(Ok(()), |(above, of)| Err(folder(of, what, above)))
    }

    /// What is in a folder.
    fn first_below(&self, folder: &Utf8Path) -> Option<&str> {
        // Paths are compared by their segments, so what is below comes right after.
        let mut after = self.files.range::<Utf8Path, _>((Bound::Excluded(folder), Bound::Unbounded));
        after.next().filter(|(path, _)| path.starts_with(folder)).map(|(_, what)| what.as_str())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn path(text: &str) -> CanonicalPath {
        text.parse().unwrap()
    }

    #[test]
    fn what_the_router_fetches_of_a_page_is_nobody_elses_file() {
        let mut plan = Plan::new(false);
        plan.add_file(&path("/robots.txt")).unwrap();
        let error = plan.add_page(&path("/robots")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "/robots.txt and what the router fetches of the page /robots are both the file `robots.txt`"
        );
        let mut plan = Plan::new(true);
        plan.add_file(&path("/robots.txt")).unwrap();
        plan.add_page(&path("/robots")).unwrap();
    }

    #[test]
    fn a_file_cannot_be_where_a_folder_has_to_be() {
        let mut plan = Plan::new(false);
        plan.add_file(&path("/feed")).unwrap();
        assert!(matches!(plan.add_page(&path("/feed/one")), Err(PlanError::Folder { .. })));
        let mut plan = Plan::new(false);
        plan.add_page(&path("/feed/one")).unwrap();
        plan.add_page(&path("/feed.d")).unwrap();
        assert!(matches!(plan.add_file(&path("/feed")), Err(PlanError::Folder { .. })));
        plan.add_page(&path("/feed")).unwrap();
    }

    #[test]
    fn a_page_is_not_behind_the_document_of_another() {
        let both = ["/v1", "/v1.html"];
        for [first, second] in [both, [both[1], both[0]]] {
            let mut plan = Plan::new(false);
            plan.add_page(&path(first)).unwrap();
            assert!(matches!(plan.add_page(&path(second)), Err(PlanError::Taken { .. })), "{second}");
        }
    }

    #[test]
    fn the_folder_of_the_build_is_its_own() {
        let mut plan = Plan::new(false);
        assert!(matches!(plan.add_file(&path("/_next/x")), Err(PlanError::Reserved { .. })));
        assert!(matches!(plan.add_file(&path("/_next")), Err(PlanError::Reserved { .. })));
        plan.add_file(&path("/_nextx")).unwrap();
    }

    #[test]
    fn a_page_that_cannot_be_added_takes_nothing() {
        let mut plan = Plan::new(false);
        plan.add_file(&path("/a.html")).unwrap();
        plan.add_page(&path("/a")).unwrap_err();
        plan.add_file(&path("/a.txt")).unwrap();
    }

    #[test]
    fn the_not_found_page_has_its_file() {
        let mut plan = Plan::new(false);
        plan.add_not_found().unwrap();
        assert!(matches!(plan.add_page(&path("/404")), Err(PlanError::Taken { .. })));
        let files = Plan::new(true).add_not_found().unwrap();
        assert_eq!(files.iter().map(ToString::to_string).collect::<Vec<_>>(), ["404.html", "404/index.html"]);
    }
}
