//! From what JavaScript says of a lifetime to what the cache is told.

use std::time::Duration;

use vinext_cache::CachePolicy;

/// Good for `revalidate`, served until `expire`, and carrying `tags`; `None` is for ever.
pub(super) fn cache_policy<'t>(
    revalidate: Option<Duration>,
    expire: Option<Duration>,
    tags: impl IntoIterator<Item = &'t str>,
) -> CachePolicy {
    let policy = revalidate.map_or_else(CachePolicy::forever, CachePolicy::revalidate);
    let policy = expire.into_iter().fold(policy, CachePolicy::expire);
    tags.into_iter().fold(policy, CachePolicy::tag)
}
