//! What an entry is found by.

use std::fmt;
use std::hash::{Hash, Hasher};
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
    /// An optimised image.
    Image,
}

impl Variant {
    /// Every variant, each at the place of its code. Codes are written to disk: add at the end.
    const ALL: [Self; 6] = [Self::Html, Self::Rsc, Self::Segment, Self::Handler, Self::Data, Self::Image];

    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

/// A digest of everything that makes a key: what stores find entries by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId([u8; 32]);

impl KeyId {
    pub(crate) const fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest that [`Display`](fmt::Display) has written, in hexadecimal.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        blake3::Hash::from_hex(text).ok().map(|hash| Self(*hash.as_bytes()))
    }
}

impl Hash for KeyId {
    /// A digest is evenly spread: eight bytes of it are a hash.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (words, _) = self.0.as_chunks();
        state.write_u64(words.first().map_or(0, |word| u64::from_le_bytes(*word)));
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Route, variant, and a digest of them and of everything else that the response depends on.
///
/// The digest is always that of the parts: nobody writes one down.
///
/// ```compile_fail,E0451
/// use vinext_cache::{CacheKey, KeyId, Variant};
///
/// fn forged(digest: KeyId) -> CacheKey {
///     CacheKey { route: "/blog/[slug]/page".into(), variant: Variant::Html, id: digest }
/// }
/// ```
///
/// The form of a response is one of a few, and no text that a client has sent:
///
/// ```compile_fail,E0308
/// use vinext_cache::{CacheKey, KeyBuilder};
///
/// fn by_header(accept: &str) -> KeyBuilder {
///     CacheKey::builder("/blog/[slug]/page", accept)
/// }
/// ```
///
/// And nothing is looked up by what is no key:
///
/// ```compile_fail,E0308
/// use vinext_cache::{Cache, Lookup};
///
/// async fn by_path(cache: &Cache, path: &str) -> Lookup {
///     cache.lookup(path).await
/// }
/// ```
#[derive(Debug, Clone)]
pub struct CacheKey {
    route: Arc<str>,
    variant: Variant,
    id: KeyId,
}

impl CacheKey {
    /// A key for the route with this id.
    #[must_use]
    pub fn builder(route: impl Into<Arc<str>>, variant: Variant) -> KeyBuilder {
        let route = route.into();
        let key = KeyBuilder { route: Arc::clone(&route), variant, parts: Vec::with_capacity(128) };
        key.part(&*route).part([variant.code()])
    }

    pub(crate) fn from_parts(route: &str, variant: Variant, id: KeyId) -> Self {
        Self { route: route.into(), variant, id }
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

    /// The digest of everything.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }
}

impl PartialEq for CacheKey {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for CacheKey {}

impl Hash for CacheKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

/// Collects the parts of a key.
#[derive(Debug)]
pub struct KeyBuilder {
    route: Arc<str>,
    variant: Variant,
    /// What is digested, as a whole: a hasher is two kilobytes that would move with every part.
    parts: Vec<u8>,
}

impl KeyBuilder {
    /// Adds a part. Parts are length-prefixed: `("ab", "c")` and `("a", "bc")` are different keys.
    #[must_use]
    pub fn part(mut self, part: impl AsRef<[u8]>) -> Self {
        let part = part.as_ref();
        self.parts.extend((part.len() as u64).to_le_bytes());
        self.parts.extend(part);
        self
    }

    /// The key.
    #[must_use]
    pub fn finish(self) -> CacheKey {
        CacheKey { route: self.route, variant: self.variant, id: KeyId(*blake3::hash(&self.parts).as_bytes()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_all_of_a_blake3_digest_of_its_parts_and_their_lengths() {
        let long = "k".repeat(10_000);
        let mut written = Vec::new();
        for part in [b"/a/page".as_slice(), &[Variant::Data.code()], long.as_bytes(), b""] {
            written.extend((part.len() as u64).to_le_bytes());
            written.extend(part);
        }
        let key = CacheKey::builder("/a/page", Variant::Data).part(&long).part("").finish();
        assert_eq!(key.id().as_bytes(), blake3::hash(&written).as_bytes());
    }
}
