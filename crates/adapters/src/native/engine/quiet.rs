//! When an isolate has had nothing to do for a while: then it gives memory back that its next requests may never need. Pure.

use std::time::{Duration, Instant};

/// A visitor who reads is not one who has left.
const WHILE: Duration = Duration::from_secs(2);

/// Notices that nothing happens.
#[derive(Debug)]
pub(super) struct Quiet {
    last: Instant,
    /// Something has happened since it was last quiet.
    is_stirred: bool,
}

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It has been quiet for a while; said once.
    Quiet,
    /// To ask again at this time.
    Wait(Instant),
    /// Nothing, until something happens.
    Nothing,
}

impl Quiet {
    pub(super) fn new(now: Instant) -> Self {
        Self { last: now, is_stirred: true }
    }

    /// To be asked after each turn of the event loop.
    pub(super) fn turn(&mut self, is_busy: bool, now: Instant) -> Turn {
        if is_busy {
            (self.last, self.is_stirred) = (now, true);
            // What ends outside of the event loop does not turn it.
            return Turn::Wait(now + WHILE);
        }
        let end = self.last + WHILE;
        if !self.is_stirred {
            Turn::Nothing
        } else if now < end {
            Turn::Wait(end)
        } else {
            self.is_stirred = false;
            Turn::Quiet
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_and_again_after_something_has_happened() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut quiet = Quiet::new(start);
        assert_eq!(quiet.turn(false, at(1)), Turn::Wait(at(2)));
        assert_eq!(quiet.turn(true, at(2)), Turn::Wait(at(4)));
        assert_eq!(quiet.turn(false, at(3)), Turn::Wait(at(4)));
        assert_eq!(quiet.turn(false, at(4)), Turn::Quiet);
        assert_eq!(quiet.turn(false, at(9)), Turn::Nothing);
        assert_eq!(quiet.turn(true, at(10)), Turn::Wait(at(12)));
        assert_eq!(quiet.turn(false, at(12)), Turn::Quiet);
    }
}
