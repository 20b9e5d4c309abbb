//! `cargo xtask bench serve`: the same app served by vinext, Next and Cloudflare's vinext, one after the other in one run,
//! with nginx and the same bytes as the floor: in turns with vinext, so that whatever else the machine does meets both.
//!
//! Closed loop: `wrk`, which sends the next request when the last one is answered. Open loop: `autocannon` at a fixed
//! rate, which counts the time that a request waits to be sent. Nobody compresses: no client asks for it.

mod loads;
mod nginx;
mod pages;

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

use self::loads::{Closed, Open};
use super::build::build_self;
use super::peers::{Peer, peers};
use super::server::{Server, free_port};
use crate::engine::Engine;
use crate::run::{say, step};
use crate::{prepare, workspace};

/// Something to ask for.
struct Scenario {
    name: &'static str,
    path: &'static str,
    /// What a client router adds.
    headers: &'static [(&'static str, &'static str)],
    /// Whether nginx can have the same bytes.
    is_stored: bool,
}

const SCENARIOS: [Scenario; 7] = [
    Scenario { name: "static file", path: "/file.txt", headers: &[], is_stored: true },
    Scenario { name: "ISR hit, HTML", path: "/serve/isr", headers: &[], is_stored: true },
    Scenario { name: "ISR hit, RSC", path: "/serve/isr?_rsc", headers: &[("rsc", "1")], is_stored: false },
    Scenario { name: "dynamic, small", path: "/serve/small", headers: &[], is_stored: false },
    Scenario { name: "dynamic, /products", path: "/serve/products", headers: &[], is_stored: false },
    Scenario { name: "dynamic, 1,000 rows", path: "/serve/rows", headers: &[], is_stored: false },
    Scenario { name: "streaming", path: "/serve/stream", headers: &[], is_stored: false },
];

/// Requests per second that everybody is offered in the open loop.
const RATE: u32 = 100;

/// How often vinext and nginx take turns with each file and page.
const TURNS: usize = 7;

/// What was measured of one server.
struct Measured {
    name: &'static str,
    cold_start: Duration,
    resident_kib: u64,
    loads: Vec<Option<(Closed, Open)>>,
}

pub(crate) fn run(seconds: u32, connections: u32, alone: bool, profile: &str) -> anyhow::Result<()> {
    prepare::for_task(Some(Engine::V8), &[loads::WRK, nginx::NGINX])?;
    prepare::npm(&loads::tools())?;
    build_self(profile)?;
    let work = workspace::target().join("bench-serve");
    let mut results = Vec::new();
    let mut stored = Vec::new();
    let mut lowest = None;
    let mut shares = Vec::new();
    for peer in peers(profile, alone) {
        let dir = peer.prepare(&work, &pages::sources())?;
        std::fs::create_dir_all(dir.join("public"))?;
        std::fs::write(dir.join("public/file.txt"), pages::file())?;
        build(&peer, &dir)?;
        step(&format!("serving with {}", peer.name));
        let server = start(&peer, &dir)?;
        let mut measured =
            Measured { name: peer.name, cold_start: server.cold_start, resident_kib: 0, loads: Vec::new() };
        for scenario in &SCENARIOS {
            // The first answer may be made for the store; the second comes from it.
            loads::body(&server.url(scenario.path), scenario.headers)?;
            let body = loads::body(&server.url(scenario.path), scenario.headers)?;
            if results.is_empty() && scenario.is_stored {
                stored.push((scenario.path, body));
            }
            let closed = loads::closed(&server.url(scenario.path), scenario.headers, seconds, connections)?;
            let open = loads::open(&server.url(scenario.path), scenario.headers, seconds, RATE)?;
            measured.loads.push(Some((closed, open)));
        }
        measured.resident_kib = server.resident();
        if lowest.is_none() {
            let floor = nginx::start(&work.join("nginx"), &stored)?;
            let (beside, against) = in_turns(&server, &mut measured, &floor, seconds, connections)?;
            (lowest, shares) = (Some(beside), against);
        }
        drop(server);
        measured.cold_start = cold_start(&peer, &dir, measured.cold_start)?;
        results.push(measured);
    }
    results.extend(lowest);
    report(&results, seconds, connections, profile);
    for share in &shares {
        say(share);
    }
    Ok(())
}

fn build(peer: &Peer, dir: &Path) -> anyhow::Result<()> {
    for output in peer.output {
        let _ = std::fs::remove_dir_all(dir.join(output));
    }
    let output = peer.command(dir)?.arg("build").output().with_context(|| format!("cannot start {}", peer.name))?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

fn start(peer: &Peer, dir: &Path) -> anyhow::Result<Server> {
    let port = free_port()?;
    let mut command = peer.command(dir)?;
    command.args(["start", "-p", &port.to_string()]);
    Server::start(command, port, "/")
}

/// The median of five starts, of which one is known.
fn cold_start(peer: &Peer, dir: &Path, first: Duration) -> anyhow::Result<Duration> {
    let mut times = vec![first];
    for _ in 1..5 {
        times.push(start(peer, dir)?.cold_start);
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// Has vinext and nginx, with the bytes that vinext answers, take turns. What vinext has done alone is replaced by what it does
/// beside nginx. Says which share of nginx's rate that is.
fn in_turns(
    server: &Server,
    own: &mut Measured,
    floor: &Server,
    seconds: u32,
    connections: u32,
) -> anyhow::Result<(Measured, Vec<String>)> {
    step("serving in turns with nginx");
    let mut shares = Vec::new();
    let mut loads = Vec::new();
    for (index, scenario) in SCENARIOS.iter().enumerate() {
        if !scenario.is_stored {
            loads.push(None);
            continue;
        }
        let turn = |server: &Server| loads::closed(&server.url(scenario.path), &[], seconds, connections);
        let mut turns = Vec::new();
        for _ in 0..TURNS {
            turns.push((turn(server)?, turn(floor)?));
        }
        let mut share: Vec<f64> = turns.iter().map(|(ours, theirs)| ours.rate / theirs.rate).collect();
        share.sort_unstable_by(f64::total_cmp);
        let (median, least, most) = (share[TURNS / 2], share[0], share[TURNS - 1]);
        shares.push(format!(
            "{}: {:.0} % of nginx's rate, the median of {TURNS} turns ({:.0} % to {:.0} %)",
            scenario.name,
            median * 100.0,
            least * 100.0,
            most * 100.0
        ));
        let (ours, theirs): (Vec<_>, Vec<_>) = turns.into_iter().unzip();
        if let Some((closed, _)) = &mut own.loads[index] {
            *closed = middle(ours);
        }
        loads.push(Some((middle(theirs), loads::open(&floor.url(scenario.path), &[], seconds, RATE)?)));
    }
    let lowest = Measured { name: "nginx", cold_start: floor.cold_start, resident_kib: floor.resident(), loads };
    Ok((lowest, shares))
}

/// The load of the median rate.
fn middle(mut loads: Vec<Closed>) -> Closed {
    loads.sort_unstable_by(|one, other| one.rate.total_cmp(&other.rate));
    let errors = loads.iter().map(|load| load.errors).sum();
    let middle = loads.swap_remove(loads.len() / 2);
    Closed { errors, ..middle }
}

fn report(results: &[Measured], seconds: u32, connections: u32, profile: &str) {
    say(&format!(
        "\nvinext compiled with profile {profile}; closed loop: {connections} connections, {seconds} s; open loop: {RATE} requests a second"
    ));
    for (index, scenario) in SCENARIOS.iter().enumerate() {
        say(&format!("\n{} ({})", scenario.name, scenario.path));
        say(&format!(
            "{:<28}{:>12}{:>8}{:>10}{:>10}{:>12}{:>10}{:>10}{:>10}",
            "", "req/s", "ratio", "p50", "p99", "errors", "open p50", "p99", "p99.9"
        ));
        let own = results.first().and_then(|first| first.loads[index].as_ref()).map_or(0.0, |(closed, _)| closed.rate);
        for measured in results {
            let Some((closed, open)) = &measured.loads[index] else { continue };
            say(&format!(
                "{:<28}{:>12.0}{:>8}{:>10}{:>10}{:>12}{:>10}{:>10}{:>10}",
                measured.name,
                closed.rate,
                format!("{:.2}x", closed.rate / own),
                millis(closed.p50),
                millis(closed.p99),
                closed.errors + open.errors,
                millis(open.p50),
                millis(open.p99),
                millis(open.p999),
            ));
        }
    }
    say(&format!("\n{:<28}{:>24}{:>24}", "", "start to first answer", "memory after load"));
    for measured in results {
        let memory = format!("{} MiB", measured.resident_kib / 1024);
        say(&format!("{:<28}{:>24}{memory:>24}", measured.name, millis(measured.cold_start)));
    }
    say("");
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}
