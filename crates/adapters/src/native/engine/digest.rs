//! The name of what depends on several texts.

/// A digest of the texts one by one: no two lists of them run together.
pub(super) fn of(parts: &[&str]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize()
}
