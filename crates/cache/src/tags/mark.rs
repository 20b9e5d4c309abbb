//! What is known of the invalidations of one thing.

use super::stamp::Stamp;
use super::tag::Tag;
use crate::key::KeyId;

/// What was invalidated.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// What carries a tag.
    Tag(Tag),
    /// One key.
    Key(KeyId),
    /// All there is.
    Everything,
}

/// The invalidations of one subject until now. Two marks of a subject are merged, in any order and as often as one likes,
/// to one that invalidates at least what each of them does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What was invalidated.
    pub subject: Subject,
    /// When.
    pub times: MarkTimes,
}

/// When something was invalidated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MarkTimes {
    /// What was begun before is stale.
    pub stale: Stamp,
    /// What was begun before has expired.
    pub expired: Stamp,
    /// When what is stale will have expired.
    pub deadline: Option<Stamp>,
}

impl MarkTimes {
    /// The newest of its times of invalidation.
    #[must_use]
    pub fn newest(&self) -> Stamp {
        self.stale.max(self.expired)
    }

    /// What holds at `now`: a deadline that has passed has done its work.
    #[must_use]
    pub fn at(self, now: Stamp) -> Self {
        match self.deadline {
            Some(deadline) if deadline <= now => Self { expired: self.expired.max(self.stale), deadline: None, ..self },
            _ => self,
        }
    }

    /// Both, as of `now`. There is one deadline, the earlier: what was made stale between two marks may expire with the
    /// first, which costs a render and serves nothing that it must not.
    #[must_use]
    pub fn merge(self, other: Self, now: Stamp) -> Self {
        let (one, two) = (self.at(now), other.at(now));
        let deadline = match (one.deadline, two.deadline) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self { stale: one.stale.max(two.stale), expired: one.expired.max(two.expired), deadline }
    }
}
