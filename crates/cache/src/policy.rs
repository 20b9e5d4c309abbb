//! For how long an entry is good, and what invalidates it.

use std::time::Duration;

use thiserror::Error;

use crate::entry::Freshness;
use crate::tags::Tag;

/// How long an entry is good, and what invalidates it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CachePolicy {
    stale: Option<Duration>,
    revalidate: Option<Duration>,
    expire: Option<Duration>,
    tags: Vec<Tag>,
}

impl CachePolicy {
    /// Good until it is invalidated.
    #[must_use]
    pub fn forever() -> Self {
        Self::default()
    }

    /// Good for `after`; then served once more while it is made anew.
    #[must_use]
    pub fn revalidate(after: Duration) -> Self {
        Self { revalidate: Some(after), ..Self::default() }
    }

    /// Not served any more after `after`.
    #[must_use]
    pub fn expire(mut self, after: Duration) -> Self {
        self.expire = Some(after);
        self
    }

    /// A client may use its own copy for `during` without asking. The cache keeps this for its caller.
    #[must_use]
    pub fn stale(mut self, during: Duration) -> Self {
        self.stale = Some(during);
        self
    }

    /// Adds a tag. What is no tag is left out; there may be any number of them, as a page has those of all that went into
    /// it.
    #[must_use]
    pub fn tag(mut self, tag: &str) -> Self {
        if let Ok(tag) = tag.parse::<Tag>()
            && !self.tags.contains(&tag)
        {
            self.tags.push(tag);
        }
        self
    }

    pub(crate) const fn from_parts(
        stale: Option<Duration>,
        revalidate: Option<Duration>,
        expire: Option<Duration>,
        tags: Vec<Tag>,
    ) -> Self {
        Self { stale, revalidate, expire, tags }
    }

    /// For how long a client may use its copy.
    #[must_use]
    pub const fn stale_time(&self) -> Option<Duration> {
        self.stale
    }

    /// After what time the entry is made anew.
    #[must_use]
    pub const fn revalidate_time(&self) -> Option<Duration> {
        self.revalidate
    }

    /// After what time the entry is not served any more.
    #[must_use]
    pub const fn expire_time(&self) -> Option<Duration> {
        self.expire
    }

    /// The tags.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// What age alone makes of an entry.
    #[must_use]
    pub fn freshness(&self, age: Duration) -> Freshness {
        if self.expire.is_some_and(|expire| age >= expire) {
            Freshness::Expired
        } else if self.revalidate.is_some_and(|revalidate| age >= revalidate) {
            Freshness::Stale
        } else {
            Freshness::Fresh
        }
    }

    /// Whether age matters at all.
    pub(crate) const fn is_timed(&self) -> bool {
        self.revalidate.is_some() || self.expire.is_some()
    }
}

impl From<CacheLife> for CachePolicy {
    fn from(life: CacheLife) -> Self {
        Self { stale: Some(life.stale), revalidate: Some(life.revalidate), expire: life.expire, tags: Vec::new() }
    }
}

/// A named lifetime, as `cacheLife` of Next has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheLife {
    /// For how long a client may use its copy without asking.
    pub stale: Duration,
    /// After what time an entry is served once more and made anew.
    pub revalidate: Duration,
    /// After what time it is not served any more. `None`: never.
    pub expire: Option<Duration>,
}

/// Why times make no lifetime.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CacheLifeError {
    /// What is gone cannot be made anew before it is served.
    #[error("`expire` ({expire:?}) must be longer than `revalidate` ({revalidate:?})")]
    ExpiresFirst {
        /// The time until it is made anew.
        revalidate: Duration,
        /// The time until it is gone.
        expire: Duration,
    },
}

impl CacheLife {
    /// What holds where nothing is said. A client's time is `staleTimes.static` of the configuration, 300 s unless set.
    pub const DEFAULT: Self = Self::of(300, 900, None);
    /// For what changes all the time.
    pub const SECONDS: Self = Self::of(30, 1, Some(60));
    /// For what changes many times an hour.
    pub const MINUTES: Self = Self::of(300, 60, Some(3600));
    /// For what changes many times a day.
    pub const HOURS: Self = Self::of(300, 3600, Some(86_400));
    /// For what changes daily.
    pub const DAYS: Self = Self::of(300, 86_400, Some(604_800));
    /// For what changes weekly.
    pub const WEEKS: Self = Self::of(300, 604_800, Some(2_592_000));
    /// For what hardly changes.
    pub const MAX: Self = Self::of(300, 2_592_000, Some(31_536_000));

    /// The lifetimes that have a name.
    pub const PROFILES: [(&'static str, Self); 7] = [
        ("default", Self::DEFAULT),
        ("seconds", Self::SECONDS),
        ("minutes", Self::MINUTES),
        ("hours", Self::HOURS),
        ("days", Self::DAYS),
        ("weeks", Self::WEEKS),
        ("max", Self::MAX),
    ];

    const fn of(stale: u64, revalidate: u64, expire: Option<u64>) -> Self {
        let expire = match expire {
            Some(seconds) => Some(Duration::from_secs(seconds)),
            None => None,
        };
        Self { stale: Duration::from_secs(stale), revalidate: Duration::from_secs(revalidate), expire }
    }

    /// The lifetime of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::PROFILES.iter().find(|(known, _)| *known == name).map(|(_, life)| *life)
    }

    /// A lifetime of the times that are given; the others are those of `self`.
    pub fn with(
        self,
        stale: Option<Duration>,
        revalidate: Option<Duration>,
        expire: Option<Duration>,
    ) -> Result<Self, CacheLifeError> {
        let life = Self {
            stale: stale.unwrap_or(self.stale),
            revalidate: revalidate.unwrap_or(self.revalidate),
            expire: expire.or(self.expire),
        };
        match life.expire {
            Some(expire) if expire <= life.revalidate => {
                Err(CacheLifeError::ExpiresFirst { revalidate: life.revalidate, expire })
            }
            _ => Ok(life),
        }
    }

    /// The lifetime of what is made of two things: the shorter of each time.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        let expire = match (self.expire, other.expire) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self { stale: self.stale.min(other.stale), revalidate: self.revalidate.min(other.revalidate), expire }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN_SECONDS: Duration = Duration::from_secs(10);

    #[test]
    fn times_that_are_not_given_are_those_of_the_default() {
        let life = CacheLife::DEFAULT.with(None, Some(TEN_SECONDS), None);
        assert_eq!(life, Ok(CacheLife { revalidate: TEN_SECONDS, ..CacheLife::DEFAULT }));
    }

    #[test]
    fn nothing_expires_before_it_is_made_anew() {
        assert!(CacheLife::DEFAULT.with(None, Some(TEN_SECONDS), Some(TEN_SECONDS)).is_err());
        assert!(CacheLife::DEFAULT.with(None, Some(TEN_SECONDS), Some(TEN_SECONDS * 2)).is_ok());
        for (name, life) in CacheLife::PROFILES {
            assert_eq!(life.with(None, None, None), Ok(life), "{name}");
            assert_eq!(CacheLife::named(name), Some(life));
        }
        assert_eq!(CacheLife::named("month"), None);
    }

    #[test]
    fn the_shorter_time_of_two_wins_one_by_one() {
        let long = CacheLife { stale: Duration::from_secs(1), ..CacheLife::DEFAULT };
        assert_eq!(
            long.min(CacheLife::HOURS),
            CacheLife {
                stale: Duration::from_secs(1),
                revalidate: CacheLife::DEFAULT.revalidate,
                expire: CacheLife::HOURS.expire
            }
        );
    }
}
