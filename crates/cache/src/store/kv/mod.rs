//! Entries in Cloudflare KV.

mod api;
mod marks;

use std::sync::Arc;
use std::time::Duration;

use self::api::Api;
use self::marks::KvMarks;
use super::{BoxFuture, Store, StoreError};
use crate::codec;
use crate::entry::Entry;
use crate::key::CacheKey;
use crate::tags::TagSource;

/// The shortest time that KV keeps anything.
const SHORTEST: Duration = Duration::from_mins(1);

/// Entries in a namespace of Cloudflare KV, by its
/// [REST interface](https://developers.cloudflare.com/api/resources/kv/).
///
/// KV is for what is read often and changes seldom: what one instance writes, another may see a minute later, and each
/// instance looks for invalidations of the others every half minute. The clocks of the instances may differ by two seconds.
#[derive(Debug, Clone)]
pub struct KvStore {
    api: Arc<Api>,
    prefix: String,
    keep: Duration,
    look_every: Duration,
    marks: usize,
    source: Arc<KvMarks>,
}

/// What identifies a namespace, and who may use it.
#[derive(Clone)]
pub struct KvNamespace {
    /// The account's id.
    pub account: String,
    /// The namespace's id.
    pub namespace: String,
    /// A token that may read and write Workers KV storage.
    pub token: String,
}

impl std::fmt::Debug for KvNamespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KvNamespace").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl KvStore {
    /// The store of a namespace, for those who say the same `prefix`. Nothing is connected yet.
    pub fn new(namespace: &KvNamespace, prefix: &str) -> Result<Self, StoreError> {
        Self::at("https://api.cloudflare.com/client/v4", namespace, prefix)
    }

    /// The same by way of another address: a proxy, or a test.
    pub fn at(base: &str, namespace: &KvNamespace, prefix: &str) -> Result<Self, StoreError> {
        let api = Arc::new(Api::new(base, namespace)?);
        let keep = Duration::from_hours(30 * 24);
        let look_every = Duration::from_secs(30);
        let marks = 65_536;
        let source = Arc::new(KvMarks::new(Arc::clone(&api), prefix, keep, look_every, marks));
        Ok(Self { api, prefix: prefix.to_owned(), keep, look_every, marks, source })
    }

    /// How long an entry and a mark are kept, 30 days unless set; an entry that expires before, not longer than that.
    #[must_use]
    pub fn keep(mut self, time: Duration) -> Self {
        self.keep = time.max(SHORTEST);
        self.with_source()
    }

    /// How often it is looked for marks of others; every 30 seconds unless set.
    #[must_use]
    pub fn look_every(mut self, time: Duration) -> Self {
        self.look_every = time;
        self.with_source()
    }

    /// How many marks an instance keeps one by one, 65,536 unless set. More become one of everything.
    #[must_use]
    pub fn marks(mut self, number: usize) -> Self {
        self.marks = number;
        self.with_source()
    }

    fn with_source(mut self) -> Self {
        let api = Arc::clone(&self.api);
        self.source = Arc::new(KvMarks::new(api, &self.prefix, self.keep, self.look_every, self.marks));
        self
    }

    fn name_of(&self, key: &CacheKey) -> String {
        format!("{}-entry-{}-{}", self.prefix, codec::VERSION, key.id())
    }
}

impl Store for KvStore {
    fn name(&self) -> &'static str {
        "kv"
    }

    fn get<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<Option<Arc<Entry>>, StoreError>> {
        Box::pin(async move {
            let found = self.api.value(&self.name_of(key)).await?;
            found.map(|bytes| Ok(Arc::new(codec::decode_of(key, bytes)?))).transpose()
        })
    }

    fn set<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let expire = entry.policy().expire_time().unwrap_or(Duration::MAX);
            let bytes = codec::encode(key, entry);
            // By which it is told from another without being read.
            let identity = api::to_hex(&codec::identity(entry));
            self.api.put(&self.name_of(key), &bytes, &identity, expire.clamp(SHORTEST, self.keep)).await
        })
    }

    fn remove<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.api.delete(&self.name_of(key)).await })
    }

    fn remove_entry<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let name = self.name_of(key);
            if self.api.metadata(&name).await?.is_some_and(|kept| kept == api::to_hex(&codec::identity(entry))) {
                self.api.delete(&name).await?;
            }
            Ok(())
        })
    }

    fn tag_source(&self) -> Option<Arc<dyn TagSource>> {
        Some(Arc::clone(&self.source) as Arc<dyn TagSource>)
    }
}
