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

    /// Takes the line away and gives the total and the phases.
    pub(crate) fn finish(self) -> (Duration, Vec<(&'static str, Duration)>) {
        self.bar.finish_and_clear();
        (self.started.elapsed(), self.spans)
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
