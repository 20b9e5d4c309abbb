//! Entries on a Redis or Valkey server, for many instances.

mod marks;
mod server;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use redis::cmd;

use self::server::Server;
use super::{BoxFuture, Store, StoreError};
use crate::codec;
use crate::entry::Entry;
use crate::key::CacheKey;
use crate::tags::TagSource;

/// Entries on a Redis server, version 5 or later, or on Valkey.
///
/// Instances that have the same prefix share entries and invalidations. Marks are kept in a hash and stamped with the
/// server's time; each instance is told of them as they come, and looks for what it may have missed every few seconds. While
/// the server is away, an instance goes on with what it has in memory; what it invalidates is told when the server is back.
/// Attempts to reach a server that was stopped are a quarter of a second apart.
#[derive(Debug, Clone)]
pub struct RedisStore {
    server: Arc<Server>,
}

/// Removes an entry if it has the bytes at some place of the one that is meant.
const REMOVE_ENTRY: &str = "\
if redis.call('GETRANGE', KEYS[1], ARGV[1], ARGV[2]) == ARGV[3] then return redis.call('DEL', KEYS[1]) end
return 0";

impl RedisStore {
    /// The store of the server at `url`, `redis://[user:password@]host[:port][/database]`, `rediss://…` with TLS or `redis+unix:///path`, for those
    /// who say the same `prefix`. Nothing is connected yet.
    pub fn new(url: &str, prefix: &str) -> Result<Self, StoreError> {
        Ok(Self { server: Arc::new(Server::new(url, prefix)?) })
    }

    /// How long an entry is kept that does not expire before; 30 days unless set. This and what follows is set before the
    /// store is shared; later it has no effect.
    #[must_use]
    pub fn keep(self, time: Duration) -> Self {
        self.with(|server| server.keep = time)
    }

    /// How often it is looked for marks that may have been missed; every two seconds unless set.
    #[must_use]
    pub fn look_every(self, time: Duration) -> Self {
        self.with(|server| server.look_every = time)
    }

    /// How many marks the server keeps one by one, 65,536 unless set. Of more, the older half counts as one of everything.
    #[must_use]
    pub fn marks(self, number: u32) -> Self {
        self.with(|server| server.marks = number)
    }

    fn with(mut self, change: impl FnOnce(&mut Server)) -> Self {
        if let Some(server) = Arc::get_mut(&mut self.server) {
            change(server);
        }
        self
    }

    fn key(&self, key: &CacheKey) -> String {
        // With the version of the codec: instances of two versions do not take each other's entries for damaged.
        format!("{}:entry:{}:{}", self.server.prefix, codec::VERSION, key.id())
    }
}

impl Store for RedisStore {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn get<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<Option<Arc<Entry>>, StoreError>> {
        Box::pin(async move {
            let found: Option<Vec<u8>> = self.server.ask(cmd("GET").arg(self.key(key))).await?;
            found.map(|bytes| Ok(Arc::new(codec::decode_of(key, Bytes::from(bytes))?))).transpose()
        })
    }

    fn set<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let expire = entry.policy().expire_time().unwrap_or(Duration::MAX);
            let millis = u64::try_from(expire.min(self.server.keep).as_millis()).unwrap_or(u64::MAX).max(1);
            let bytes = codec::encode(key, entry);
            self.server.ask(cmd("SET").arg(self.key(key)).arg(bytes).arg("PX").arg(millis)).await
        })
    }

    fn remove<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.server.ask(cmd("DEL").arg(self.key(key))).await })
    }

    fn remove_entry<'a>(&'a self, key: &'a CacheKey, entry: &'a Arc<Entry>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let mut command = cmd("EVAL");
            command.arg(REMOVE_ENTRY).arg(1).arg(self.key(key));
            command.arg(codec::IDENTITY.start).arg(codec::IDENTITY.end - 1).arg(&codec::identity(entry)[..]);
            self.server.ask(&command).await
        })
    }

    fn remove_damaged<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let name = self.key(key);
            let Some(bytes) = self.server.ask::<Option<Vec<u8>>>(cmd("GET").arg(&name)).await? else { return Ok(()) };
            // Another instance may put a good one in its place now, which begins otherwise: with another checksum.
            let head = bytes[..bytes.len().min(codec::IDENTITY.end)].to_vec();
            if codec::decode_of(key, Bytes::from(bytes)).is_ok() {
                return Ok(());
            }
            let mut command = cmd("EVAL");
            command.arg(REMOVE_ENTRY).arg(1).arg(name).arg(0).arg(codec::IDENTITY.end - 1).arg(head);
            self.server.ask(&command).await
        })
    }

    fn tag_source(&self) -> Option<Arc<dyn TagSource>> {
        Some(Arc::clone(&self.server) as Arc<dyn TagSource>)
    }
}
