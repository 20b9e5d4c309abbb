//! Points in the order of invalidations.

use std::time::Duration;

use crate::clock::Timestamp;

/// A point in the order of invalidations: microseconds since the Unix epoch, or later where two would be the same or a
/// clock was set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Stamp(u64);

impl Stamp {
    /// A stamp, in microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The stamp, in microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    pub(crate) const fn at(time: Timestamp) -> Self {
        Self(time.as_millis().saturating_mul(1000))
    }

    pub(crate) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    pub(crate) fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }
}
