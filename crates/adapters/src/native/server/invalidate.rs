//! What an application outdates.

use vinext_cache::{Cache, Tag};

/// Makes what carries any of these tags outdated: pages and data. With `expire` it is not served any more; without, it is
/// served once more while it is made anew. What is no tag is on nothing.
pub fn invalidate(cache: &Cache, tags: &[String], expire: bool) {
    for tag in tags.iter().filter_map(|tag| tag.parse::<Tag>().ok()) {
        if expire {
            cache.invalidate(&tag);
        } else {
            cache.mark_stale(&tag, None);
        }
    }
}
