//! The load generators, and what they say.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::prepare::{self, Need};
use crate::run::command;
use crate::workspace;

/// What `wrk` says.
pub(super) struct Closed {
    /// Answers per second.
    pub(super) rate: f64,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
    /// Answers that are none, or not 2xx.
    pub(super) errors: u64,
}

/// What `autocannon` says.
pub(super) struct Open {
    pub(super) p50: Duration,
    pub(super) p99: Duration,
    pub(super) p999: Duration,
    pub(super) errors: u64,
}

/// The load generator of the closed loop.
pub(super) const WRK: Need = Need::new("wrk", "wrk", || prepare::has_program("wrk"));

/// The folder with autocannon's `package.json` and lockfile.
pub(super) fn tools() -> PathBuf {
    workspace::root().join("xtask/bench-tools")
}

/// One answer's body; anything but 200 is an error.
pub(super) fn body(url: &str, headers: &[(&str, &str)]) -> anyhow::Result<Vec<u8>> {
    let mut curl = command(&workspace::root(), "curl", &["--silent", "--show-error", "--fail", "--location"]);
    for (name, value) in headers {
        curl.args(["--header", &format!("{name}: {value}")]);
    }
    let output = curl.arg(url).output().context("cannot start curl")?;
    if !output.status.success() {
        bail!("{url}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

/// As many requests as there are answers.
pub(super) fn closed(url: &str, headers: &[(&str, &str)], seconds: u32, connections: u32) -> anyhow::Result<Closed> {
    let (connections, duration) = (connections.to_string(), format!("{seconds}s"));
    let mut wrk = command(&workspace::root(), "wrk", &["-t", "1", "-c", &connections, "-d", &duration, "--latency"]);
    for (name, value) in headers {
        wrk.args(["-H", &format!("{name}: {value}")]);
    }
    let output = wrk.arg(url).output().context("cannot start wrk")?;
    let text = String::from_utf8_lossy(&output.stdout);
    read_wrk(&text).with_context(|| format!("wrk says: {text}"))
}

fn read_wrk(text: &str) -> Option<Closed> {
    let after = |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim);
    let errors = after("Non-2xx or 3xx responses:").and_then(|count| count.parse().ok()).unwrap_or(0);
    let sockets = after("Socket errors:").map_or(0, |counts| {
        counts.split(|c: char| !c.is_ascii_digit()).filter_map(|count| count.parse::<u64>().ok()).sum()
    });
    Some(Closed {
        rate: after("Requests/sec:")?.parse().ok()?,
        p50: time(after("50%")?)?,
        p99: time(after("99%")?)?,
        errors: errors + sockets,
    })
}

/// `1.25ms`, `830.00us`, `2.01s`, `1.10m`.
fn time(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(digits.parse::<f64>().ok()? * unit).ok()
}

/// `rate` requests a second, whether or not the last ones are answered.
pub(super) fn open(url: &str, headers: &[(&str, &str)], seconds: u32, rate: u32) -> anyhow::Result<Open> {
    let (seconds, rate) = (seconds.to_string(), rate.to_string());
    let arguments = ["--overallRate", &rate, "--connections", "50", "--duration", &seconds, "--json", "--no-progress"];
    let mut cannon = command(&tools(), "node_modules/.bin/autocannon", &arguments);
    for (name, value) in headers {
        cannon.args(["--headers", &format!("{name}: {value}")]);
    }
    let output = cannon.arg(url).output().context("cannot start autocannon")?;
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).with_context(|| {
        format!(
            "autocannon says: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    })?;
    let millis = |name: &str| {
        let time = said["latency"][name].as_f64().with_context(|| format!("autocannon says no {name}"))?;
        Ok::<_, anyhow::Error>(Duration::try_from_secs_f64(time / 1000.0)?)
    };
    let count = |name: &str| said[name].as_u64().unwrap_or(0);
    Ok(Open {
        p50: millis("p50")?,
        p99: millis("p99")?,
        p999: millis("p99_9")?,
        errors: count("errors") + count("timeouts") + count("non2xx"),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_wrk_prints_is_read() {
        let said = read_wrk(
            "  Latency Distribution\n     50%  830.00us\n     75%    1.00ms\n     99%   12.50ms\n  100 requests in 1.00s\n  Socket errors: connect 0, read 2, write 0, timeout 1\n  Non-2xx or 3xx responses: 4\nRequests/sec:  41234.50\n",
        );
        let said = said.unwrap();
        assert!((said.rate - 41_234.5).abs() < 1e-6);
        assert_eq!((said.p50, said.p99), (Duration::from_micros(830), Duration::from_micros(12_500)));
        assert_eq!(said.errors, 7);
    }
}
