//! What an entry is found by.

use std::sync::Arc;

/// The form of a route's response. The set is finite: no client can add to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Variant {
    /// A document.
    Html,
    /// A Flight payload.
    Rsc,
    /// The Flight payload of one segment.
    Segment,
    /// A route handler's response.
    Handler,
    /// A value of the data cache.
    Data,
}

/// Route, variant, and a digest of everything else that the response depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    route: Arc<str>,
    variant: Variant,
    digest: [u8; 32],
}

impl CacheKey {
    /// A key for the route with this id.
    #[must_use]
    pub fn builder(route: impl Into<Arc<str>>, variant: Variant) -> KeyBuilder {
        KeyBuilder { route: route.into(), variant, hasher: blake3::Hasher::new() }
    }

    /// The route's id.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.route
    }

    /// The form of the response.
    #[must_use]
    pub const fn variant(&self) -> Variant {
        self.variant
    }
}

/// Collects the parts of a key.
#[derive(Debug)]
pub struct KeyBuilder {
    route: Arc<str>,
    variant: Variant,
    hasher: blake3::Hasher,
}

impl KeyBuilder {
    /// Adds a part. Parts are length-prefixed: `("ab", "c")` and `("a", "bc")` are different keys.
    #[must_use]
    pub fn part(mut self, part: impl AsRef<[u8]>) -> Self {
        let part = part.as_ref();
        self.hasher.update(&(part.len() as u64).to_le_bytes());
        self.hasher.update(part);
        self
    }

    /// The key.
    #[must_use]
    pub fn finish(self) -> CacheKey {
        CacheKey { route: self.route, variant: self.variant, digest: *self.hasher.finalize().as_bytes() }
    }
}
