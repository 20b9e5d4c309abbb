//! What asks the process to stop: Ctrl+C, and SIGTERM where there is one.

use std::io;
use std::time::Duration;

use tokio::signal;

/// Terminals and package managers pass the same Ctrl+C on more than once.
const ECHO: Duration = Duration::from_millis(500);

/// From its making on, such a signal does not end the process.
pub(crate) struct StopSignals {
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    #[cfg(unix)]
    terminate: signal::unix::Signal,
}

impl StopSignals {
    /// Begins to listen.
    pub(crate) fn new() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use signal::unix::{SignalKind, signal};
            Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Resolves when the process is asked to stop, with the status that it shall end with. Asked again, it ends at once.
    pub(crate) async fn stopped(mut self) -> u8 {
        let status = self.next().await;
        tokio::spawn(async move {
            let patience = tokio::time::sleep(ECHO);
            tokio::pin!(patience);
            loop {
                tokio::select! {
                    biased;
                    status = self.next() => if patience.is_elapsed() { std::process::exit(status.into()) },
                    () = &mut patience, if !patience.is_elapsed() => {}
                }
            }
        });
        status
    }

    /// Waits for a signal and says with which status it ends a process.
    async fn next(&mut self) -> u8 {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => 130,
            _ = self.terminate.recv() => 143,
        }
        #[cfg(not(unix))]
        {
            let _ = signal::ctrl_c().await;
            130
        }
    }
}
