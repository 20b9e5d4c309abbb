//! What pages with parameters show while some or all of these are not known: found for a page that nobody has asked for yet,
//! and made anew when it is stale.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use vinext_cache::{Cache, Entry, FillGuard, Lookup, Variant};
use vinext_router::{CanonicalPath, Cleared, RouteMatch, RoutePattern};

use super::prerender::Prerenderer;
use super::{ServeError, storing};
use crate::engine::JsEngine;
use crate::manifest::Manifest;

/// The shells of a build.
pub(super) struct Shells {
    build_id: String,
    /// By their ids.
    routes: HashMap<String, Paths>,
    prerenderer: Prerenderer,
}

/// The shells of a route.
struct Paths {
    pattern: RoutePattern,
    rendered: BTreeSet<CanonicalPath>,
}

impl Shells {
    /// Those of a build that has some. What renders them again has the app's routes once more.
    pub(super) fn new(manifest: &Manifest, engine: Arc<dyn JsEngine>) -> Result<Option<Arc<Self>>, ServeError> {
        if manifest.shells.is_empty() {
            return Ok(None);
        }
        let routes = manifest.routes.iter().filter_map(|route| {
            let rendered = manifest.shells.get(&route.id)?.clone();
            Some((route.id.to_string(), Paths { pattern: route.pattern.clone(), rendered }))
        });
        let prerenderer = Prerenderer::new(manifest, engine)?;
        Ok(Some(Arc::new(Self { build_id: manifest.build_id.clone(), routes: routes.collect(), prerenderer })))
    }

    /// Whether a route has any.
    pub(super) fn has(&self, route: &str) -> bool {
        self.routes.contains_key(route)
    }

    /// What can be shown at once of a page that is not stored itself.
    pub(super) async fn find(self: &Arc<Self>, cache: &Cache, page: &Cleared<RouteMatch>) -> Option<Arc<Entry>> {
        let Paths { pattern, rendered } = self.routes.get(page.route_id().as_str())?;
        let path = pattern.shell_paths(page.path()).find(|path| rendered.contains(path))?;
        let key = storing::key(&self.build_id, page.route_id().as_str(), Variant::Html, &path).finish();
        match cache.lookup(&key).await {
            Lookup::Hit(entry, None) => Some(entry),
            Lookup::Hit(entry, Some(guard)) => {
                self.renew(guard, path);
                Some(entry)
            }
            // It was invalidated: who asks does not wait for it.
            Lookup::Miss(guard) => {
                self.renew(guard, path);
                None
            }
        }
    }

    /// Renders one again, in nobody's way.
    fn renew(self: &Arc<Self>, guard: FillGuard, path: CanonicalPath) {
        let shells = Arc::clone(self);
        tokio::spawn(async move {
            // Another instance may have made it already.
            let Err(guard) = guard.find_elsewhere().await else { return };
            match shells.prerenderer.render_shell(&path, true).await {
                Ok(Some(page)) => page.fill(guard),
                Ok(None) | Err(_) => guard.fail(),
            }
        });
    }
}
