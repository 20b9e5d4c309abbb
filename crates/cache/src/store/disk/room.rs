//! Whether a disk takes what is written: one that is full is left alone, and tried again now and then.

use std::io::{self, ErrorKind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long a full disk is left alone, and for how long it must have had room until being full is news again.
const PAUSE: Duration = Duration::from_mins(1);

#[derive(Debug, Default)]
pub(super) struct Room {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the next write is to try. `None`: there is room.
    full_until: Option<Instant>,
    quiet_until: Option<Instant>,
}

impl Room {
    /// Whether something is to be written now. While the disk is full, one write of each pause tries.
    pub(super) fn admits(&self) -> bool {
        let mut state = self.state();
        let Some(until) = state.full_until else { return true };
        let now = Instant::now();
        if now < until {
            return false;
        }
        state.full_until = Some(now + PAUSE);
        true
    }

    /// Something was written.
    pub(super) fn found(&self) {
        let mut state = self.state();
        if state.full_until.take().is_some() {
            state.quiet_until = Some(Instant::now() + PAUSE);
        }
    }

    /// Something was refused. `true`: it is news that the disk is full.
    pub(super) fn missed(&self) -> bool {
        let mut state = self.state();
        let now = Instant::now();
        let is_news = state.full_until.is_none() && state.quiet_until.is_none_or(|until| until <= now);
        state.full_until = Some(now + PAUSE);
        state.quiet_until = state.full_until;
        is_news
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the disk has no room: what is removed makes some.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// Whether the disk takes nothing, whatever is written.
pub(super) fn is_closed(error: &io::Error) -> bool {
    is_full(error) || error.kind() == ErrorKind::ReadOnlyFilesystem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_full_disk_is_tried_once_in_a_pause_and_said_once() {
        let room = Room::default();
        assert!(room.admits() && room.missed());
        // Writes that were under way.
        assert!(!room.missed());
        for _ in 0..3 {
            assert!(!room.admits());
            tokio::time::advance(PAUSE).await;
            assert!(room.admits() && !room.admits());
            assert!(!room.missed());
        }
        tokio::time::advance(PAUSE).await;
        assert!(room.admits());
        room.found();
        assert!(room.admits());
        // It had room for one entry.
        assert!(!room.missed() && !room.admits());
        tokio::time::advance(PAUSE).await;
        assert!(room.admits());
        room.found();
        tokio::time::advance(PAUSE).await;
        assert!(room.admits() && room.missed());
    }
}
