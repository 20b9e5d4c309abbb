//! Every stylesheet of the project, compiled once however many graphs import it.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arcstr::ArcStr;
use camino::{Utf8Path, Utf8PathBuf};
use oxc_resolver::{ResolveOptions, Resolver};
use rustc_hash::FxHashMap;

use super::compile::{StyleError, StyleWorld, Stylesheet, compile};
use crate::assets::AssetStore;
use crate::path_id::path_id;

type Slot = Arc<OnceLock<Result<Arc<Stylesheet>, StyleError>>>;

/// The compiled stylesheets.
#[derive(Debug)]
pub(crate) struct StyleStore {
    root: Utf8PathBuf,
    assets: Arc<AssetStore>,
    resolver: Resolver,
    slots: Mutex<FxHashMap<ArcStr, Slot>>,
}

impl StyleStore {
    /// A store for the project in `root`, which emits what `url()`s name to `assets`.
    pub(crate) fn new(root: &Utf8Path, assets: Arc<AssetStore>) -> Self {
        let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let resolver = Resolver::new(ResolveOptions {
            condition_names: names(&["style", "import", "default"]),
            main_fields: names(&["style", "main"]),
            main_files: names(&["index"]),
            extensions: names(&[".css"]),
            prefer_relative: true,
            ..ResolveOptions::default()
        });
        Self { root: root.to_owned(), assets, resolver, slots: Mutex::default() }
    }

    /// The compiled form of `file`.
    pub(crate) fn get(&self, file: &str) -> Result<Arc<Stylesheet>, StyleError> {
        let slot =
            self.slots.lock().unwrap_or_else(PoisonError::into_inner).entry(ArcStr::from(file)).or_default().clone();
        slot.get_or_init(|| self.compile(Utf8Path::new(file), &[]).map(Arc::new)).clone()
    }

    fn compile(&self, file: &Utf8Path, importers: &[Utf8PathBuf]) -> Result<Stylesheet, StyleError> {
        let source = std::fs::read_to_string(file).map_err(|problem| StyleError {
            message: format!("could not read the stylesheet '{file}': {problem}"),
            help: None,
            file: file.to_string(),
            text: String::new(),
            offset: 0,
        })?;
        let mut chain = importers.to_vec();
        chain.push(file.to_owned());
        compile(&World { store: self, chain }, file, &source)
    }
}

/// What one file sees, and the files that `@import` it, so that a circle ends.
struct World<'a> {
    store: &'a StyleStore,
    chain: Vec<Utf8PathBuf>,
}

impl StyleWorld for World<'_> {
    fn import(&self, file: &Utf8Path, specifier: &str) -> Result<Arc<Stylesheet>, String> {
        let target = self.resolve(file, specifier)?;
        if self.chain.contains(&target) {
            return Ok(Arc::default());
        }
        // Not through the slots: a circle would wait for itself.
        self.store.compile(&target, &self.chain).map(Arc::new).map_err(|error| format!("in '{}': {error}", error.file))
    }

    fn asset(&self, file: &Utf8Path, url: &str) -> Result<Option<String>, String> {
        let (path, suffix) = url.find(['?', '#']).map_or((url, ""), |end| url.split_at(end));
        let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
        let target = self.resolve(file, &path)?;
        let asset =
            self.store.assets.emit(&target).map_err(|problem| format!("could not read '{target}': {problem}"))?;
        Ok(Some(format!("../media/{}{suffix}", asset.name)))
    }

    fn path_id(&self, file: &Utf8Path) -> String {
        path_id(&self.store.root, file.as_str())
    }
}

impl World<'_> {
    fn resolve(&self, file: &Utf8Path, specifier: &str) -> Result<Utf8PathBuf, String> {
        let folder = file.parent().unwrap_or(&self.store.root);
        // `~package` is how webpack's loaders told a package from a file.
        let specifier = specifier.strip_prefix('~').unwrap_or(specifier);
        let path = self
            .store
            .resolver
            .resolve(folder, specifier)
            .map_err(|_| format!("could not find '{specifier}'"))?
            .into_path_buf();
        Utf8PathBuf::from_path_buf(path).map_err(|path| format!("the path '{}' is not UTF-8", path.display()))
    }
}
