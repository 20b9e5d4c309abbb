//! How long a build waits for a page, and how often it tries one that takes longer.

use std::time::Duration;

/// How often a page is tried that takes too long, as in Next.
pub(super) const ATTEMPTS: u32 = 3;

/// The longest pause between the first attempt and the second; the next is twice as long.
const PAUSE: Duration = Duration::from_millis(500);

/// What `attempt` gives, the first time that it is there within `limit`. `None`: never in [`ATTEMPTS`] attempts. `again` is
/// told the number of each that was too slow and is not the last.
pub(super) async fn in_time<T>(limit: Duration, attempt: impl AsyncFn() -> T, again: impl Fn(u32)) -> Option<T> {
    let mut pause = PAUSE.min(limit);
    for number in 1..=ATTEMPTS {
        if let Ok(made) = tokio::time::timeout(limit, attempt()).await {
            return Some(made);
        }
        if number < ATTEMPTS {
            again(number);
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
    None
}

/// A limit as people read it.
pub(super) fn seconds(limit: Duration) -> String {
    let seconds = limit.as_secs_f64();
    let plural = if (seconds - 1.0).abs() < f64::EPSILON { "" } else { "s" };
    format!("{seconds} second{plural}")
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    const LIMIT: Duration = Duration::from_millis(1);

    /// What comes of attempts of which so many never end, and which attempts were told of.
    async fn tried(hanging: u32) -> (Option<u32>, Vec<u32>) {
        let (count, told) = (Cell::new(0), RefCell::new(Vec::new()));
        let attempt = async || {
            count.set(count.get() + 1);
            if count.get() <= hanging { std::future::pending().await } else { count.get() }
        };
        let made = in_time(LIMIT, attempt, |number| told.borrow_mut().push(number)).await;
        (made, told.into_inner())
    }

    #[tokio::test]
    async fn what_takes_too_long_is_tried_three_times() {
        assert_eq!(tried(0).await, (Some(1), vec![]));
        assert_eq!(tried(2).await, (Some(3), vec![1, 2]));
        assert_eq!(tried(3).await, (None, vec![1, 2]));
    }

    #[test]
    fn a_limit_is_a_number_of_seconds() {
        let limits = [Duration::from_mins(1), Duration::from_secs(1), Duration::from_millis(1500)];
        assert_eq!(limits.map(seconds), ["60 seconds", "1 second", "1.5 seconds"]);
    }
}
