//! One store over another.

use std::sync::Arc;

use super::{BoxFuture, Store, StoreError};
use crate::entry::Entry;
use crate::key::CacheKey;
use crate::tags::TagSource;

/// A near store over a far one: a disk over a server, say. What is found far is kept near; what is written goes to both. A
/// cache has its own memory over whatever this is.
pub struct Tiered {
    name: String,
    near: Arc<dyn Store>,
    far: Arc<dyn Store>,
}

impl std::fmt::Debug for Tiered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tiered").field(&self.name).finish()
    }
}

impl Tiered {
    /// The store `near` over the store `far`.
    #[must_use]
    pub fn new(near: Arc<dyn Store>, far: Arc<dyn Store>) -> Self {
        Self { name: format!("{} over {}", near.name(), far.name()), near, far }
    }
}

impl Store for Tiered {
    fn name(&self) -> &str {
        &self.name
    }

    fn get<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<Option<Arc<Entry>>, StoreError>> {
        Box::pin(async move {
            let near = self.near.get(key).await;
            if let Ok(Some(entry)) = near {
                return Ok(Some(entry));
            }
            match self.far.get(key).await? {
                Some(entry) => {
                    // Nobody waits for what is only for the next time.
                    let (near, key, kept) = (Arc::clone(&self.near), key.clone(), Arc::clone(&entry));
                    tokio::spawn(async move { near.set(&key, &kept).await });
                    Ok(Some(entry))
                }
                None => near,
            }
        })
    }

    fn set<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let near = self.near.set(key, entry).await;
            self.far.set(key, entry).await.and(near)
        })
    }

    fn remove<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            // The far one first: what is gone there does not come back near.
            let far = self.far.remove(key).await;
            self.near.remove(key).await.and(far)
        })
    }

    fn remove_entry<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let far = self.far.remove_entry(key, entry).await;
            self.near.remove_entry(key, entry).await.and(far)
        })
    }

    fn remove_damaged<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let far = self.far.remove_damaged(key).await;
            self.near.remove_damaged(key).await.and(far)
        })
    }

    /// That of the far store, which more may share; else that of the near one.
    fn tag_source(&self) -> Option<Arc<dyn TagSource>> {
        self.far.tag_source().or_else(|| self.near.tag_source())
    }
}
