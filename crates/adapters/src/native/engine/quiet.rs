//! When an isolate has had nothing to do for a while: then it gives memory back that its next requests may never need. Pure.

use std::time::{Duration, Instant};

/// A visitor who reads is not one who has left.
const WHILE: Duration = Duration::from_secs(2);

/// Notices that nothing happens.
#[derive(Debug)]
pub(super) struct Quiet {
    last: Instant,
    /// The number of the request that comes next.
    next: u32,
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
        Self { last: now, next: 0, is_stirred: true }
    }

    /// To be asked after each turn of the event loop. A request may come and be answered within one turn: then the number
    /// of the next one tells of it.
    pub(super) fn turn(&mut self, is_busy: bool, next: u32, now: Instant) -> Turn {
        if is_busy || next != self.next {
            (self.last, self.next, self.is_stirred) = (now, next, true);
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
        assert_eq!(quiet.turn(false, 0, at(1)), Turn::Wait(at(2)));
        assert_eq!(quiet.turn(true, 0, at(2)), Turn::Wait(at(4)));
        assert_eq!(quiet.turn(false, 0, at(3)), Turn::Wait(at(4)));
        assert_eq!(quiet.turn(false, 0, at(4)), Turn::Quiet);
        assert_eq!(quiet.turn(false, 0, at(9)), Turn::Nothing);
        assert_eq!(quiet.turn(true, 0, at(10)), Turn::Wait(at(12)));
        assert_eq!(quiet.turn(false, 0, at(12)), Turn::Quiet);
    }

    #[test]
    fn a_request_that_is_answered_within_a_turn_counts() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut quiet = Quiet::new(start);
        for second in 1..9 {
            let next = u32::try_from(second).unwrap_or(u32::MAX);
            assert_eq!(quiet.turn(false, next, at(second)), Turn::Wait(at(second + 2)), "somebody is always there");
        }
        assert_eq!(quiet.turn(false, 8, at(10)), Turn::Quiet);
        assert_eq!(quiet.turn(false, 9, at(20)), Turn::Wait(at(22)));
        assert_eq!(quiet.turn(false, 9, at(22)), Turn::Quiet);
    }
}
