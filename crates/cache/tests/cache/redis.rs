//! Instances that share a Redis server. The server is a real one: `VINEXT_REDIS_SERVER`, or `redis-server` in the path.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use vinext_cache::{Cache, CacheBuilder, CachePolicy, Entry, Lookup, NotStorable, RedisStore, Store as _, Timestamp};

use crate::support::{NEVER, damage_is_said_once_and_removed, found, key, response, text_of, until};

struct Server {
    folder: TempDir,
    process: Child,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let process = Self::process(&folder, &[]);
        Self { folder, process }
    }

    fn process(folder: &TempDir, options: &[&OsStr]) -> Child {
        let program = std::env::var_os("VINEXT_REDIS_SERVER").unwrap_or_else(|| "redis-server".into());
        let mut process = Command::new(&program)
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--daemonize", "no", "--unixsocket"])
            .arg(folder.path().join("socket"))
            .arg("--dir")
            .arg(folder.path())
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "these tests need a Redis server, and `{}` does not start ({error}): install redis-server, or set \
                     VINEXT_REDIS_SERVER to its path",
                    PathBuf::from(&program).display()
                )
            });
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let is_ready = |line: &std::io::Result<String>| line.as_ref().is_ok_and(|line| line.contains("eady to accept"));
        assert!(lines.any(|line| is_ready(&line)), "the server ended before it was ready");
        // It goes on to write what nobody reads.
        std::thread::spawn(move || lines.for_each(drop));
        process
    }

    fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn start_again(&mut self) {
        self.process = Self::process(&self.folder, &[]);
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    fn url(&self) -> String {
        format!("redis+unix://{}", self.folder.path().join("socket").display())
    }

    fn store(&self) -> RedisStore {
        RedisStore::new(&self.url(), "test").unwrap()
    }

    fn builder(&self) -> CacheBuilder {
        // A busy machine is not a server that hangs.
        Cache::builder().store(self.store()).read_deadline(NEVER)
    }

    fn cache(&self) -> Cache {
        self.builder().build()
    }

    async fn command(&self, words: &[&str]) -> redis::Value {
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.query_async(&mut connection).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn fill(cache: &Cache, name: u8, text: &str) {
    match cache.lookup(&key(name)).await {
        Lookup::Miss(guard) | Lookup::Hit(_, Some(guard)) => {
            guard.fill(response(text), CachePolicy::forever().tag(&format!("t{name}")));
        }
        Lookup::Hit(..) => panic!("it is there already"),
    }
}

fn tag(name: &str) -> vinext_cache::Tag {
    name.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_instance_makes_is_there_for_another() {
    let server = Server::start();
    let (one, other) = (server.cache(), server.cache());
    fill(&one, 0, "page").await;
    one.flush().await.unwrap();
    assert_eq!(found(&other, 0).await.unwrap(), "page");
    assert!(other.try_lookup(&key(0)).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalidation_reaches_what_another_has_in_memory() {
    let server = Server::start();
    let (one, other) = (server.cache(), server.cache());
    for name in 0..3 {
        fill(&one, name, "old").await;
    }
    one.flush().await.unwrap();
    for name in 0..3 {
        assert_eq!(found(&other, name).await.unwrap(), "old");
    }
    one.invalidate(&tag("t0"));
    one.mark_stale(&tag("t1"), None);
    one.remove(&key(2));
    for name in 0..3 {
        until(async || other.try_lookup(&key(name)).is_none()).await;
    }
    assert!(matches!(other.lookup(&key(0)).await, Lookup::Miss(_)));
    assert!(matches!(other.lookup(&key(1)).await, Lookup::Hit(_, Some(_))));
    assert!(matches!(other.lookup(&key(2)).await, Lookup::Miss(_)));
    // What is made after that is good for both.
    fill(&other, 0, "new").await;
    other.flush().await.unwrap();
    assert_eq!(found(&one, 0).await.unwrap(), "new");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalidation_elsewhere_holds_for_what_is_being_made_here() {
    let server = Server::start();
    let (one, other) = (server.cache(), server.cache());
    let Lookup::Miss(guard) = other.lookup(&key(0)).await else { panic!("nothing is stored yet") };
    one.invalidate(&tag("t0"));
    one.flush().await.unwrap();
    guard.fill(response("old"), CachePolicy::forever().tag("t0"));
    other.flush().await.unwrap();
    assert_eq!(found(&server.cache(), 0).await, None);
    until(async || found(&other, 0).await.is_none()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_later_knows_what_was_invalidated_before() {
    let server = Server::start();
    let one = server.cache();
    fill(&one, 0, "old").await;
    fill(&one, 1, "old").await;
    one.flush().await.unwrap();
    one.mark_stale(&tag("t0"), Some(Duration::from_millis(1)));
    one.mark_stale(&tag("t1"), Some(Duration::from_hours(1)));
    one.flush().await.unwrap();
    let late = server.cache();
    until(async || found(&late, 0).await.is_none()).await;
    assert!(matches!(late.lookup(&key(1)).await, Lookup::Hit(_, Some(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_told_is_found_out() {
    let server = Server::start();
    let one = server.cache();
    let other =
        Cache::builder().store(server.store().look_every(Duration::from_millis(10))).read_deadline(NEVER).build();
    fill(&one, 0, "old").await;
    one.flush().await.unwrap();
    assert_eq!(found(&other, 0).await.unwrap(), "old");
    // Nobody hears of it: it is written, as if a message had been lost.
    let mark = |times: String| {
        let server = &server;
        async move {
            server.command(&["HSET", "test:marks", "\u{1}\u{2}\0\0\0\0\0\0\0t0", &times]).await;
            server.command(&["SET", "test:last", times.split(' ').nth(1).unwrap()]).await;
        }
    };
    mark("0 4000000000000000 ".to_owned()).await;
    until(async || other.try_lookup(&key(0)).is_none()).await;
    // It was ahead of the clocks by many years, and takes them along.
    fill(&other, 0, "new").await;
    assert_eq!(found(&other, 0).await.unwrap(), "new");
    other.invalidate(&tag("t0"));
    assert_eq!(found(&other, 0).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_listen_are_cut_off_and_come_back() {
    let server = Server::start();
    let (one, other) = (server.cache(), server.cache());
    for round in 0..3 {
        fill(&one, round, "old").await;
        one.flush().await.unwrap();
        assert_eq!(found(&other, round).await.unwrap(), "old");
        server.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).await;
        one.invalidate(&tag(&format!("t{round}")));
        until(async || other.try_lookup(&key(round)).is_none()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_server_is_away_each_instance_goes_on_alone() {
    let mut server = Server::start();
    let (one, other) = (server.cache(), server.cache());
    fill(&one, 0, "old").await;
    fill(&one, 1, "old").await;
    one.flush().await.unwrap();
    assert_eq!(found(&other, 0).await.unwrap(), "old");
    server.stop();
    assert_eq!(found(&one, 0).await.unwrap(), "old");
    assert_eq!(found(&one, 2).await, None);
    fill(&one, 2, "page").await;
    assert_eq!(found(&one, 2).await.unwrap(), "page");
    assert!(one.flush().await.is_err());
    // It holds here at once, and elsewhere when the server is back.
    one.invalidate(&tag("t0"));
    assert_eq!(found(&one, 0).await, None);
    assert!(other.try_lookup(&key(0)).is_some());
    server.start_again();
    until(async || other.try_lookup(&key(0)).is_none()).await;
    until(async || one.stats().pending == 0 && one.flush().await.is_ok()).await;
    // The server has forgotten everything but what it was told since. Writes and reads go on.
    fill(&one, 3, "new").await;
    until(async || one.flush().await.is_ok() && server.store().get(&key(3)).await.is_ok_and(|found| found.is_some()))
        .await;
    until(async || found(&server.cache(), 3).await.as_deref() == Some("new")).await;
}

/// Looks keys up, fills and invalidates them until it is told to stop. Gives how many answers there were, and how long the
/// slowest took.
async fn load(cache: Cache, goes_on: Arc<AtomicBool>) -> (u64, Duration) {
    let (mut answers, mut slowest) = (0, Duration::ZERO);
    while goes_on.load(Ordering::SeqCst) {
        let name = 100 + u8::try_from(answers % 8).unwrap();
        let begun = Instant::now();
        let text = match cache.lookup(&key(name)).await {
            Lookup::Hit(entry, None) => text_of(&entry),
            Lookup::Miss(guard) | Lookup::Hit(_, Some(guard)) => {
                let policy = CachePolicy::forever().tag(&format!("t{name}"));
                text_of(&guard.fill(response(&format!("page {name}")), policy))
            }
        };
        slowest = slowest.max(begun.elapsed());
        answers += 1;
        assert_eq!(text, format!("page {name}"));
        if answers % 5 == 0 {
            cache.invalidate(&tag(&format!("t{name}")));
        }
        tokio::task::yield_now().await;
    }
    (answers, slowest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_under_load_costs_no_answer_and_all_is_known_within_a_second_of_its_return() {
    let mut server = Server::start();
    let instance = || Cache::builder().store(server.store()).read_deadline(Duration::from_millis(100)).build();
    let instances = [instance(), instance()];
    let goes_on = Arc::new(AtomicBool::new(true));
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..6 {
        tasks.spawn(load(instances[task % 2].clone(), Arc::clone(&goes_on)));
    }
    for round in 0..3_u8 {
        let (one, other) = (&instances[usize::from(round % 2)], &instances[usize::from(1 - round % 2)]);
        fill(one, round, "old").await;
        until(async || found(other, round).await.as_deref() == Some("old")).await;
        server.stop();
        let stopped = Instant::now();
        one.invalidate(&tag(&format!("t{round}")));
        assert!(one.try_lookup(&key(round)).is_none());
        // Until the pauses between attempts are as long as they get.
        until(async || stopped.elapsed() > Duration::from_millis(1800)).await;
        assert!(other.try_lookup(&key(round)).is_some(), "nobody can have told it");
        server.start_again();
        let accepts = Instant::now();
        until(async || other.try_lookup(&key(round)).is_none()).await;
        let took = accepts.elapsed();
        assert!(took < Duration::from_secs(1), "it took {took:?}");
    }
    goes_on.store(false, Ordering::SeqCst);
    while let Some(task) = tasks.join_next().await {
        let (answers, slowest) = task.unwrap();
        assert!(answers > 100, "{answers}");
        // A deadline for the store, and what a busy machine takes besides.
        assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_know_of_each_others_invalidations_within_100_ms() {
    let server = Server::start();
    let (one, other) = (server.cache(), server.cache());
    let mut times = Vec::new();
    for name in 0..20 {
        fill(&one, name, "page").await;
        one.flush().await.unwrap();
        assert_eq!(found(&other, name).await.unwrap(), "page");
        assert!(other.try_lookup(&key(name)).is_some());
        let begun = Instant::now();
        one.invalidate(&tag(&format!("t{name}")));
        until(async || other.try_lookup(&key(name)).is_none()).await;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    // Most of them: on a busy machine one may take long.
    let median = times[times.len() / 2];
    assert!(median < Duration::from_millis(100), "{times:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_costs_a_lookup_its_deadline() {
    let server = Server::start();
    let cache = Cache::builder().store(server.store()).read_deadline(Duration::from_millis(20)).build();
    until(async || server.store().get(&key(0)).await.is_ok()).await;
    server.signal("-STOP");
    let waiting = tokio::time::timeout(NEVER, async {
        assert_eq!(found(&cache, 0).await, None);
    });
    waiting.await.expect("a lookup waits for a server that does not answer");
    assert!(cache.stats().store_errors > 0);
    server.signal("-CONT");
    fill(&cache, 1, "page").await;
    until(async || cache.flush().await.is_ok()).await;
    until(async || found(&server.cache(), 1).await.is_some()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marks_are_bounded_and_what_is_forgotten_counts_as_invalidated() {
    let server = Server::start();
    let cache = Cache::builder().store(server.store().marks(10)).read_deadline(NEVER).build();
    fill(&cache, 0, "old").await;
    cache.flush().await.unwrap();
    cache.invalidate(&tag("t0"));
    for number in 0..100 {
        cache.invalidate(&tag(&format!("other{number}")));
    }
    cache.flush().await.unwrap();
    let redis::Value::Int(marks) = server.command(&["HLEN", "test:marks"]).await else { panic!("no number") };
    assert!((1..=11).contains(&marks), "{marks}");
    assert_eq!(found(&server.cache(), 0).await, None);
    let late = server.cache();
    fill(&late, 0, "new").await;
    late.flush().await.unwrap();
    assert_eq!(found(&server.cache(), 0).await.unwrap(), "new");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_was_replaced_is_not_removed_for_the_one_before() {
    let server = Server::start();
    let store = server.store();
    let made = |text: &str, at| {
        Arc::new(Entry::prerendered(response(text), CachePolicy::forever(), Timestamp::from_millis(at)))
    };
    let (old, new) = (made("old", 1), made("new", 2));
    store.set(&key(0), &old).await.unwrap();
    store.set(&key(0), &new).await.unwrap();
    store.remove_entry(&key(0), &old).await.unwrap();
    assert_eq!(text_of(&store.get(&key(0)).await.unwrap().unwrap()), "new");
    store.remove_entry(&key(0), &new).await.unwrap();
    assert_eq!(store.get(&key(0)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_are_kept_as_long_as_they_are_good() {
    let server = Server::start();
    let store = server.store().keep(Duration::from_secs(1000));
    let policy = CachePolicy::forever().expire(Duration::from_secs(10));
    let short = Arc::new(Entry::prerendered(response("page"), policy, Timestamp::from_millis(1)));
    let long = Arc::new(Entry::prerendered(response("page"), CachePolicy::forever(), Timestamp::from_millis(1)));
    for (name, entry, seconds) in [(0, short, 10), (1, long, 1000)] {
        store.set(&key(name), &entry).await.unwrap();
        let at = format!("test:entry:1:{}", key(name).id());
        let redis::Value::Int(left) = server.command(&["PTTL", &at]).await else { panic!("no number") };
        assert!((1..=seconds * 1000).contains(&left), "{left}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_entry_is_said_once_and_removed() {
    let server = Server::start();
    let at = format!("test:entry:1:{}", key(0).id());
    for (command, value) in [("APPEND", "x"), ("SET", ""), ("SET", "no entry")] {
        damage_is_said_once_and_removed(server.store(), async || drop(server.command(&[command, &at, value]).await))
            .await;
        server.command(&["DEL", &at]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_herd_of_instances_makes_a_page_once_each_at_most() {
    let server = Server::start();
    let mut herd = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let cache = server.cache();
        for _ in 0..20 {
            let cache = cache.clone();
            herd.spawn(async move {
                let fill = || async { Ok::<_, NotStorable>((response("page"), CachePolicy::forever())) };
                text_of(&cache.get_or_fill(&key(0), fill).await.unwrap())
            });
        }
    }
    while let Some(text) = herd.join_next().await {
        assert_eq!(text.unwrap(), "page");
    }
}

#[test]
fn an_address_that_is_none_is_refused() {
    assert!(RedisStore::new("http://localhost", "test").is_err());
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_not_talked_to() {
    let folder = tempfile::tempdir().unwrap();
    let [own_key, certificate] = ["key.pem", "certificate.pem"].map(|name| folder.path().join(name));
    std::fs::write(&own_key, include_str!("tls/key.pem")).unwrap();
    std::fs::write(&certificate, include_str!("tls/certificate.pem")).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let paths =
        [OsStr::new("--tls-key-file"), own_key.as_os_str(), OsStr::new("--tls-cert-file"), certificate.as_os_str()];
    let port_text = port.to_string();
    let options = ["--tls-port", &port_text, "--tls-auth-clients", "no"].map(OsStr::new);
    let process = Server::process(&folder, &[options, paths].concat());
    let _server = Server { folder, process };
    let store = RedisStore::new(&format!("rediss://localhost:{port}"), "test").unwrap();
    let error = store.get(&key(0)).await.unwrap_err();
    assert!(error.to_string().to_lowercase().contains("certificate"), "{error}");
}
