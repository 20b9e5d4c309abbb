//! What the three graphs of one build share.

use std::sync::Arc;
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};

use super::options::BuildOptions;
use crate::assets::AssetStore;
use crate::css::StyleStore;

/// One build.
#[derive(Debug)]
pub(crate) struct Session {
    /// The caller's options; `root` is a real path.
    pub(crate) options: BuildOptions,
    /// Stylesheets, compiled once.
    pub(crate) styles: StyleStore,
    /// Assets, read once.
    pub(crate) assets: Arc<AssetStore>,
    /// `tsconfig.json` or `jsconfig.json`, if there is one.
    pub(crate) tsconfig: Option<Utf8PathBuf>,
    /// When the build began.
    pub(crate) started: Instant,
}

impl Session {
    /// Starts the clock.
    pub(crate) fn start(mut options: BuildOptions) -> Self {
        // Module ids are real paths, so every path that is compared with one must be.
        if let Ok(real) = options.root.canonicalize_utf8() {
            options.root = real;
        }
        let assets = Arc::new(AssetStore::default());
        let styles = StyleStore::new(&options.root, Arc::clone(&assets));
        let tsconfig = match &options.tsconfig {
            Some(path) => Some(options.root.join(path)),
            None => ["tsconfig.json", "jsconfig.json"]
                .into_iter()
                .map(|name| options.root.join(name))
                .find(|path| path.is_file()),
        };
        Self { options, styles, assets, tsconfig, started: Instant::now() }
    }

    /// The project's directory.
    pub(crate) fn root(&self) -> &Utf8Path {
        &self.options.root
    }

    /// The URL of a file below `client/`.
    pub(crate) fn url(&self, file: &str) -> String {
        format!("{}/{file}", self.options.asset_prefix)
    }

    /// The URL of an asset, by its name.
    pub(crate) fn media_url(&self, name: &str) -> String {
        self.url(&format!("_next/static/media/{name}"))
    }

    /// A file's name in messages: relative to the root where it is inside.
    pub(crate) fn display<'a>(&self, id: &'a str) -> &'a str {
        id.strip_prefix(self.root().as_str()).map_or(id, |rest| rest.trim_start_matches('/'))
    }

    /// The text of a module, from the runtime or from disk, for a source frame.
    pub(crate) fn source_of(&self, id: &str) -> Option<String> {
        match id.strip_prefix(super::virtual_modules::RUNTIME) {
            Some(path) => self.options.runtime.source(path).map(std::borrow::Cow::into_owned),
            None => std::fs::read_to_string(id).ok(),
        }
    }
}
