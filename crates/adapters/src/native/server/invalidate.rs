//! What an application outdates.

use std::time::Duration;

use vinext_cache::{Cache, Tag};

/// Makes what carries any of these tags outdated: pages and data. It is served while it is made anew, until `expire` has
/// passed: not at all if that is nothing. What is no tag is on nothing.
pub fn invalidate(cache: &Cache, tags: &[String], expire: Option<Duration>) {
    for tag in tags.iter().filter_map(|tag| tag.parse::<Tag>().ok()) {
        cache.mark_stale(&tag, expire);
    }
}
