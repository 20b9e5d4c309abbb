//! The files of an export: which page goes to which, and what is in each.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use camino::Utf8Path;
use vinext_adapters::export::{Draft, FileName, PageFiles, Plan, PlanError, redirect_document, redirect_payload};
use vinext_adapters::native::server::RenderedPage;
use vinext_router::CanonicalPath;

use crate::build::renderer::What;

/// How many pages may lead to one another.
const REDIRECTS: usize = 8;

/// An export that is being written.
pub(super) struct Site {
    draft: Draft,
    plan: Plan,
    pages: HashMap<CanonicalPath, PageFiles>,
    files: HashMap<CanonicalPath, FileName>,
    /// The documents for what is not there.
    not_found: Vec<FileName>,
    base_path: String,
    /// Pages that lead elsewhere, and where to.
    redirects: Mutex<Vec<(PageFiles, String, u16)>>,
}

/// What is to be in an export.
pub(super) struct Contents<'p> {
    pub(super) pages: Vec<CanonicalPath>,
    /// What handlers answer, and metadata files.
    pub(super) files: Vec<CanonicalPath>,
    pub(super) trailing_slash: bool,
    pub(super) base_path: &'p str,
}

impl Site {
    /// Decides where everything goes.
    pub(super) fn plan(contents: &Contents<'_>, draft: Draft) -> Result<Self, PlanError> {
        let mut plan = Plan::new(contents.trailing_slash);
        let not_found = plan.add_not_found()?;
        let (mut pages, mut files) = (HashMap::new(), HashMap::new());
        for path in &contents.files {
            files.insert(path.clone(), plan.add_file(path)?);
        }
        for path in &contents.pages {
            pages.insert(path.clone(), plan.add_page(path)?);
        }
        let base_path = contents.base_path.to_owned();
        Ok(Self { draft, plan, pages, files, not_found, base_path, redirects: Mutex::default() })
    }

    /// Writes what was rendered.
    pub(super) fn write(&self, what: &What, page: &RenderedPage) -> io::Result<()> {
        if matches!(what, What::NotFound) {
            return self.not_found.iter().try_for_each(|file| self.draft.write(file, &page.body));
        }
        if let Some(file) = self.files.get(&page.path) {
            return self.draft.write(file, &page.body);
        }
        let Some(files) = self.pages.get(&page.path) else {
            return Err(io::Error::other(format!("{} was not planned", page.path)));
        };
        if let Some(location) = page.leads_to() {
            let redirect = (files.clone(), location.to_owned(), page.status.as_u16());
            self.redirects.lock().unwrap_or_else(PoisonError::into_inner).push(redirect);
            return self.draft.write(&files.document, redirect_document(location).as_bytes());
        }
        self.draft.write(&files.document, &page.body)?;
        match page.policy.as_ref().and_then(|policy| policy.payload.as_ref()) {
            Some(payload) => self.draft.write(&files.payload, payload),
            None => Ok(()),
        }
    }

    /// Writes the payloads of pages that lead elsewhere, when all others are there: that of the page which they lead to, or
    /// one that says where.
    pub(super) fn write_redirects(&self) -> io::Result<()> {
        let redirects = self.redirects.lock().unwrap_or_else(PoisonError::into_inner);
        for (files, location, status) in redirects.iter() {
            let mut target = self.page_at(location);
            for _ in 0..REDIRECTS {
                let next = target.and_then(|target| redirects.iter().find(|(files, ..)| files == target));
                let Some((_, location, _)) = next else { break };
                target = self.page_at(location);
            }
            let is_copied = match target.filter(|target| *target != files) {
                Some(target) => self.draft.duplicate(&target.payload, &files.payload)?,
                None => false,
            };
            if !is_copied {
                let url = self.inside(location).unwrap_or(location);
                self.draft.write(&files.payload, redirect_payload(url, *status).as_bytes())?;
            }
        }
        Ok(())
    }

    /// The page at a location that says no more than which it is.
    fn page_at(&self, location: &str) -> Option<&PageFiles> {
        let path = self.inside(location)?;
        let path = if path == "/" { path } else { path.trim_end_matches('/') };
        self.pages.get(&path.parse::<CanonicalPath>().ok()?)
    }

    /// A location without the base path, if it is below that.
    fn inside<'l>(&self, location: &'l str) -> Option<&'l str> {
        match location.strip_prefix(self.base_path.as_str())? {
            "" => Some("/"),
            path => (path.starts_with('/') && !path.starts_with("//")).then_some(path),
        }
    }

    /// Copies a file that needs no rendering.
    pub(super) fn copy(&self, from: &Utf8Path, path: &CanonicalPath) -> io::Result<()> {
        self.files.get(path).map_or(Ok(()), |file| self.draft.copy(from, file))
    }

    /// Copies the build's own files.
    pub(super) fn copy_assets(&self, client: &Utf8Path) -> io::Result<()> {
        self.draft.copy_all(client, &mut |_| true)
    }

    /// Copies the project's `public` folder. What was rendered goes before; the files that give way are returned.
    pub(super) fn copy_public(&self, public: &Utf8Path) -> io::Result<Vec<FileName>> {
        let mut hidden = Vec::new();
        self.draft.copy_all(public, &mut |file| {
            let is_free = !self.plan.has(file);
            if !is_free {
                hidden.push(file.clone());
            }
            is_free
        })?;
        Ok(hidden)
    }

    /// Puts the folder where it belongs.
    pub(super) fn publish(self) -> io::Result<()> {
        self.draft.publish()
    }
}
