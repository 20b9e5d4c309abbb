//! What a build says while it runs: a spinner on a terminal, nothing in CI, one closing line in both.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// The build's progress line and its clock.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    spans: Vec<(&'static str, Duration)>,
}

impl Progress {
    /// Starts the clock. The line is drawn only where somebody watches.
    pub(crate) fn start() -> Self {
        let watched = console::Term::stderr().is_term() && std::env::var_os("CI").is_none();
        let bar = if watched { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        if watched {
            bar.enable_steady_tick(Duration::from_millis(80));
        }
        Self { bar, started: Instant::now(), spans: Vec::new() }
    }

    /// Runs one phase of the build under its name.
    pub(crate) async fn phase<T>(&mut self, name: &'static str, work: impl Future<Output = T>) -> T {
        self.bar.set_message(name);
        let started = Instant::now();
        let result = work.await;
        self.spans.push((name, started.elapsed()));
        result
    }

    /// Runs a phase of `total` steps, each of which calls what `work` is given.
    pub(crate) async fn counted<T, W: Future<Output = T>>(
        &mut self,
        name: &'static str,
        total: usize,
        work: impl FnOnce(Steps) -> W,
    ) -> T {
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {bar:30} {pos}/{len} {elapsed}") {
            self.bar.set_style(style);
        }
        self.bar.set_length(total as u64);
        self.bar.set_position(0);
        let bar = self.bar.clone();
        self.phase(name, work(Steps(bar))).await
    }

    /// Takes the line away and gives the total and the phases.
    pub(crate) fn finish(self) -> (Duration, Vec<(&'static str, Duration)>) {
        self.bar.finish_and_clear();
        (self.started.elapsed(), self.spans)
    }
}

/// The steps of a phase.
#[derive(Debug, Clone)]
pub(crate) struct Steps(ProgressBar);

impl Steps {
    /// One more is done.
    pub(crate) fn done(&self) {
        self.0.inc(1);
    }

    /// Says something above the line.
    pub(crate) fn warn(&self, message: &str) {
        self.0.suspend(|| crate::commands::warn(message));
    }
}

/// A duration as people read it.
pub(crate) fn human(duration: Duration) -> String {
    if duration.as_secs() >= 1 {
        format!("{:.2} s", duration.as_secs_f64())
    } else {
        format!("{:.0} ms", duration.as_secs_f64() * 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        assert_eq!(human(Duration::from_millis(42)), "42 ms");
        assert_eq!(human(Duration::from_millis(1234)), "1.23 s");
    }
}
