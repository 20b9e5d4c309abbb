//! What is on a disk, and what is left of it when a process is stopped.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use vinext_cache::{
    Cache, CacheKey, CachePolicy, DiskStore, Entry, Lookup, ManualClock, Mark, MarkTimes, MemoryStore, Operation,
    SeededStore, Stamp, Store, StoreError, Subject, Tiered, Timestamp, Variant,
};

use crate::faulty::{Fault, FaultyStore};
use crate::support::{damage_is_said_once_and_removed, found, key, response, text_of, watched};

const MEGABYTE: u64 = 1024 * 1024;

fn entry(text: &str) -> Arc<Entry> {
    Arc::new(Entry::prerendered(response(text), CachePolicy::forever().tag("t"), Timestamp::from_millis(1)))
}

fn cache(folder: &Path) -> Cache {
    Cache::builder().store(DiskStore::open(folder, MEGABYTE).unwrap()).build()
}

async fn fill(cache: &Cache, name: u8, text: &str) {
    let fill = || async { Ok::<_, StoreError>((response(text), CachePolicy::forever().tag(&format!("t{name}")))) };
    cache.get_or_fill(&key(name), fill).await.unwrap();
}

async fn text(store: &dyn Store, name: u8) -> Option<String> {
    store.get(&key(name)).await.unwrap().map(|entry| text_of(&entry))
}

/// The bytes in use, when they are counted.
fn bytes(store: &DiskStore) -> u64 {
    loop {
        if let Some(bytes) = store.bytes() {
            return bytes;
        }
        std::thread::yield_now();
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let folders = fs::read_dir(folder.join("entries")).unwrap();
    folders.flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap().map(|file| file.unwrap().path())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_keeps_what_is_good_and_what_was_invalidated_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let before = cache(folder.path());
    for name in 0..4 {
        fill(&before, name, "old").await;
    }
    before.flush().await.unwrap();
    before.invalidate(&"t1".parse().unwrap());
    before.remove(&key(2));
    before.mark_stale(&"t3".parse().unwrap(), None);
    before.flush().await.unwrap();
    drop(before);
    let after = cache(folder.path());
    assert!(matches!(after.lookup(&key(0)).await, Lookup::Hit(entry, None) if text_of(&entry) == "old"));
    assert!(matches!(after.lookup(&key(1)).await, Lookup::Miss(_)));
    assert!(matches!(after.lookup(&key(2)).await, Lookup::Miss(_)));
    assert!(matches!(after.lookup(&key(3)).await, Lookup::Hit(_, Some(_))));
    fill(&after, 1, "new").await;
    after.flush().await.unwrap();
    drop(after);
    assert!(matches!(cache(folder.path()).lookup(&key(1)).await, Lookup::Hit(entry, None) if text_of(&entry) == "new"));
}

#[tokio::test]
async fn the_least_recently_used_gives_way_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = DiskStore::open(folder.path(), MEGABYTE).unwrap();
    for name in 0..4 {
        store.set(&key(name), &entry(&name.to_string().repeat(100_000))).await.unwrap();
        // Files are in the order of their times.
        let path = files(folder.path()).into_iter().find(|path| path.ends_with(key(name).id().to_string())).unwrap();
        let time = std::time::SystemTime::now() - Duration::from_secs(1000 - u64::from(name));
        fs::File::open(path).unwrap().set_modified(time).unwrap();
    }
    assert!(bytes(&store) > 400_000);
    drop(store);
    let store = DiskStore::open(folder.path(), 350_000).unwrap();
    assert!(bytes(&store) > 0);
    while bytes(&store) > 350_000 {
        std::thread::yield_now();
    }
    assert!(text(&store, 1).await.is_some());
    store.set(&key(4), &entry(&"4".repeat(100_000))).await.unwrap();
    let mut left = Vec::new();
    for name in 0..5 {
        left.push(text(&store, name).await.is_some());
    }
    assert_eq!(left, [false, true, false, true, true]);
    assert_eq!(files(folder.path()).len(), 3);
    let sizes: u64 = files(folder.path()).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert_eq!(bytes(&store), sizes);
    // What is larger than all there is takes nothing else's place, and does not leave an older one of its key.
    store.set(&key(4), &entry(&"4".repeat(400_000))).await.unwrap();
    assert_eq!(text(&store, 4).await, None);
    assert!(text(&store, 3).await.is_some());
}

#[tokio::test]
async fn files_are_counted_without_being_read() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..2000_u32 {
        let id = CacheKey::builder("/", Variant::Html).part(number.to_le_bytes()).finish().id().to_string();
        let parent = folder.path().join("entries").join(&id[..2]);
        fs::create_dir_all(&parent).unwrap();
        fs::write(parent.join(&id), [0; 7]).unwrap();
    }
    let store = DiskStore::open(folder.path(), MEGABYTE).unwrap();
    assert_eq!(bytes(&store), 14_000);
}

/// A disk that is full for the next `writes` of a store that has had none before.
#[cfg(target_os = "linux")]
fn fill_up(folder: &Path, writes: std::ops::Range<u32>) {
    for number in writes {
        let name = format!("{}-{number}", std::process::id());
        std::os::unix::fs::symlink("/dev/full", folder.join("temporary").join(name)).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_full_disk_is_said_once_and_left_alone_until_it_has_room() {
    let folder = tempfile::tempdir().unwrap();
    let (cache, told) = watched(DiskStore::open(folder.path(), MEGABYTE).unwrap());
    for name in 0..3 {
        fill(&cache, name, "old").await;
    }
    cache.flush().await.unwrap();
    // The fourth write and the fifth.
    fill_up(folder.path(), 3..5);
    cache.invalidate(&"t0".parse().unwrap());
    fill(&cache, 0, "new").await;
    assert!(matches!(cache.flush().await, Err(StoreError::Full(_))));
    let said = told.lock().unwrap().clone();
    assert!(matches!(&said[..], [(Operation::Set, text)] if text.contains("full") && text.contains("nothing more")));
    for name in 1..10 {
        cache.invalidate(&format!("t{name}").parse().unwrap());
        fill(&cache, name, "new").await;
        cache.flush().await.unwrap();
    }
    // What was to be replaced is not there any more, not even for somebody who does not know that it was invalidated.
    assert_eq!(files(folder.path()).len(), 0);
    // The one that tries.
    tokio::time::advance(Duration::from_mins(1)).await;
    for name in 10..20 {
        fill(&cache, name, "new").await;
        cache.flush().await.unwrap();
    }
    assert_eq!(files(folder.path()).len(), 0);
    assert_eq!(told.lock().unwrap().len(), 1);
    // There is room again.
    tokio::time::advance(Duration::from_mins(1)).await;
    for name in 0..10 {
        fill(&cache, name, "newer").await;
        cache.flush().await.unwrap();
    }
    assert_eq!(files(folder.path()).len(), 10);
    cache.remove(&key(0));
    cache.flush().await.unwrap();
    assert_eq!(files(folder.path()).len(), 9);
    assert_eq!(told.lock().unwrap().len(), 1);
}

fn damage(path: &Path) {
    let mut damaged = fs::read(path).unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(path, damaged).unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_said_once_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = DiskStore::open(folder.path(), MEGABYTE).unwrap();
    let path = || files(folder.path()).pop().unwrap();
    damage_is_said_once_and_removed(store.clone(), async || damage(&path())).await;
    // Under another's name it is damage, too.
    let other = folder.path().join("entries").join(&key(1).id().to_string()[..2]);
    fs::create_dir_all(&other).unwrap();
    fs::rename(path(), other.join(key(1).id().to_string())).unwrap();
    assert!(matches!(store.get(&key(1)).await, Err(StoreError::Corrupt(_))));
    let (cache, _) = watched(store);
    assert_eq!(found(&cache, 1).await, None);
    cache.flush().await.unwrap();
    assert_eq!(files(folder.path()).len(), 0);
}

#[tokio::test]
async fn damage_near_is_removed_though_the_far_store_is_well() {
    let folder = tempfile::tempdir().unwrap();
    let near = DiskStore::open(folder.path(), MEGABYTE).unwrap();
    let tiered = Tiered::new(Arc::new(near), Arc::new(MemoryStore::new(0)));
    damage_is_said_once_and_removed(tiered, async || damage(&files(folder.path()).pop().unwrap())).await;
}

#[tokio::test]
async fn a_damaged_entry_over_a_seed_is_removed_and_the_seed_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (seeds, disk) = (folder.path().join("seeds"), folder.path().join("disk"));
    SeededStore::plant(&seeds, &key(0), &entry("seed")).unwrap();
    let store = DiskStore::open(&disk, MEGABYTE).unwrap();
    store.set(&key(0), &entry("page")).await.unwrap();
    damage(&files(&disk).pop().unwrap());
    let (cache, told) = watched(SeededStore::new(Arc::new(store), &seeds));
    assert_eq!(found(&cache, 0).await, None);
    cache.flush().await.unwrap();
    assert_eq!(files(&disk).len(), 0);
    assert_eq!(found(&cache, 0).await.unwrap(), "seed");
    assert_eq!(told.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_damaged_seed_is_said_once_by_each_process_and_stays_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    SeededStore::plant(folder.path(), &key(0), &entry("seed")).unwrap();
    let id = key(0).id().to_string();
    let path = folder.path().join(&id[..2]).join(&id);
    damage(&path);
    for _ in 0..2 {
        let store = Arc::new(MemoryStore::new(MEGABYTE));
        let (cache, told) = watched(SeededStore::new(Arc::clone(&store) as _, folder.path()));
        for _ in 0..3 {
            assert_eq!(found(&cache, 0).await, None);
            cache.flush().await.unwrap();
        }
        assert_eq!(told.lock().unwrap().len(), 1);
        fill(&cache, 0, "page").await;
        assert_eq!(found(&cache, 0).await.unwrap(), "page");
        // It is in nobody's way either.
        cache.remove(&key(0));
        cache.flush().await.unwrap();
        assert_eq!(store.bytes(), 0);
        assert!(path.exists());
    }
}

#[tokio::test]
async fn what_cannot_be_removed_is_not_served_by_the_process_that_was_to_remove_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = DiskStore::open(folder.path(), MEGABYTE).unwrap();
    store.set(&key(0), &entry("old")).await.unwrap();
    let (path, aside) = (files(folder.path()).pop().unwrap(), folder.path().join("aside"));
    // A folder is not removed as files are.
    fs::rename(&path, &aside).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(store.remove(&key(0)).await.is_err());
    fs::remove_dir(&path).unwrap();
    fs::rename(&aside, &path).unwrap();
    assert_eq!(text(&store, 0).await, None);
    store.set(&key(0), &entry("new")).await.unwrap();
    assert_eq!(text(&store, 0).await.unwrap(), "new");
}

#[tokio::test]
async fn an_entry_that_was_replaced_is_not_removed_for_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let store = DiskStore::open(folder.path(), MEGABYTE).unwrap();
    let old = entry("old");
    let new = Arc::new(Entry::prerendered(response("new"), CachePolicy::forever(), Timestamp::from_millis(2)));
    store.set(&key(0), &old).await.unwrap();
    store.set(&key(0), &new).await.unwrap();
    store.remove_entry(&key(0), &old).await.unwrap();
    assert_eq!(text(&store, 0).await.unwrap(), "new");
    store.remove_entry(&key(0), &new).await.unwrap();
    assert_eq!(text(&store, 0).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seeds_are_found_and_those_that_went_stay_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (seeds, disk) = (folder.path().join("seeds"), folder.path().join("disk"));
    for name in 0..4 {
        let policy = CachePolicy::forever().tag(&format!("t{name}"));
        let seed = Entry::prerendered(response("seed"), policy, Timestamp::from_millis(1));
        SeededStore::plant(&seeds, &key(name), &seed).unwrap();
    }
    let cache = || {
        let store = Arc::new(DiskStore::open(&disk, MEGABYTE).unwrap());
        Cache::builder().store(SeededStore::new(store, &seeds)).build()
    };
    let first = cache();
    for name in 0..4 {
        assert!(matches!(first.lookup(&key(name)).await, Lookup::Hit(entry, None) if text_of(&entry) == "seed"));
    }
    first.invalidate(&"t0".parse().unwrap());
    first.remove(&key(1));
    first.invalidate(&"t2".parse().unwrap());
    fill(&first, 2, "new").await;
    first.flush().await.unwrap();
    for (name, cache) in [(0, first.clone()), (1, first.clone()), (0, cache()), (1, cache())] {
        assert!(matches!(cache.lookup(&key(name)).await, Lookup::Miss(_)), "{name}");
    }
    let next = cache();
    assert!(matches!(next.lookup(&key(2)).await, Lookup::Hit(entry, None) if text_of(&entry) == "new"));
    assert!(matches!(next.lookup(&key(3)).await, Lookup::Hit(entry, None) if text_of(&entry) == "seed"));
    assert!(matches!(next.lookup(&key(4)).await, Lookup::Miss(_)));
}

#[tokio::test]
async fn seeds_age_and_are_found_though_the_store_fails() {
    let folder = tempfile::tempdir().unwrap();
    let policy = CachePolicy::revalidate(Duration::from_mins(1));
    let seed = Entry::prerendered(response("seed"), policy, Timestamp::from_millis(0));
    SeededStore::plant(folder.path(), &key(0), &seed).unwrap();
    let store = FaultyStore::new([]);
    store.set_fault(Fault::Fail);
    let clock = ManualClock::default();
    let seeded = SeededStore::new(Arc::new(store), folder.path());
    let cache = Cache::builder().store(seeded).clock(clock.clone()).build();
    assert!(matches!(cache.lookup(&key(0)).await, Lookup::Hit(_, None)));
    clock.advance(Duration::from_mins(1));
    assert!(matches!(cache.lookup(&key(0)).await, Lookup::Hit(_, Some(_))));
}

#[tokio::test]
async fn what_is_far_is_kept_near_and_what_is_removed_is_so_in_both() {
    let (near, far) = (FaultyStore::new([]), FaultyStore::new([]));
    let tiered = Tiered::new(Arc::new(near.clone()), Arc::new(far.clone()));
    far.set(&key(0), &entry("page")).await.unwrap();
    assert_eq!(text(&tiered, 0).await.unwrap(), "page");
    // Behind our backs.
    tokio::task::yield_now().await;
    assert_eq!(text(&near, 0).await.unwrap(), "page");
    near.set_fault(Fault::Fail);
    assert_eq!(text(&tiered, 0).await.unwrap(), "page");
    assert!(tiered.get(&key(1)).await.is_err());
    assert!(tiered.set(&key(1), &entry("other")).await.is_err());
    assert_eq!(text(&far, 1).await.unwrap(), "other");
    near.set_fault(Fault::Slow(0));
    tiered.remove(&key(0)).await.unwrap();
    assert_eq!((text(&near, 0).await, text(&far, 0).await), (None, None));
}

const CHILD: &str = "VINEXT_CACHE_TEST_CHILD";
/// How many writes are under way at any time, over how many keys: each is overwritten by several at once.
const WRITERS: u64 = 1000;
const KEYS: u64 = 250;
/// The versions of one process.
const ROUND: u64 = 1_000_000;

fn numbered(number: u64) -> CacheKey {
    CacheKey::builder("/written", Variant::Data).part(number.to_le_bytes()).finish()
}

/// Small ones, and such as take several steps to write. Each word says whose it is.
fn body(name: u64, version: u64) -> Bytes {
    let words = [1, 60, 512, 2500, 20_000][usize::try_from((name + version) % 5).unwrap()];
    (name << 32 | version).to_le_bytes().repeat(words).into()
}

/// Not a test of its own: what [`a_process_that_is_killed_during_a_thousand_writes_leaves_whole_entries`] starts and kills.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let store = DiskStore::open(&folder, 1024 * MEGABYTE).unwrap();
    let round = fs::read_to_string(Path::new(&folder).join("round")).unwrap();
    let versions = Arc::new(AtomicU64::new(round.parse::<u64>().unwrap() * ROUND));
    let under_way = Arc::new(AtomicU64::new(0));
    for writer in 0..WRITERS {
        let (store, versions, under_way) = (store.clone(), Arc::clone(&versions), Arc::clone(&under_way));
        tokio::spawn(async move {
            if under_way.fetch_add(1, Ordering::SeqCst) + 1 == WRITERS {
                writeln!(std::io::stdout(), "under way").unwrap();
            }
            let name = writer % KEYS;
            loop {
                let version = versions.fetch_add(1, Ordering::SeqCst);
                let made = Timestamp::from_millis(version);
                let value = Entry::prerendered(body(name, version), CachePolicy::forever(), made);
                store.set(&numbered(name), &Arc::new(value)).await.unwrap();
                writeln!(std::io::stdout(), "written {name}").unwrap();
            }
        });
    }
    let marks = store.tag_source().unwrap();
    let first = marks.load().await.unwrap().len() as u64;
    for number in first.. {
        let times = MarkTimes { expired: Stamp::from_micros(number + 1), ..MarkTimes::default() };
        let subject = Subject::Tag(format!("v{number}").parse().unwrap());
        marks.publish(&Mark { subject, times }).await.unwrap();
        writeln!(std::io::stdout(), "marked {number}").unwrap();
    }
}

/// What the child has said to be done.
#[derive(Default)]
struct Said {
    is_under_way: bool,
    /// How often a key was written.
    written: HashMap<u64, usize>,
    marked: u64,
}

impl Said {
    /// Lines of the test harness say nothing.
    fn note(&mut self, line: &str) {
        self.is_under_way |= line.ends_with("under way");
        if let Some((_, written)) = line.rsplit_once("written ") {
            *self.written.entry(written.parse().unwrap()).or_default() += 1;
        }
        if let Some((_, number)) = line.rsplit_once("marked ") {
            self.marked = self.marked.max(number.parse::<u64>().unwrap() + 1);
        }
    }
}

#[tokio::test]
async fn a_process_that_is_killed_during_a_thousand_writes_leaves_whole_entries() {
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().join("temporary");
    let left = || fs::read_dir(&temporary).unwrap().count();
    let (mut interrupted, mut marked) = (0, 0);
    let mut last_round = HashMap::new();
    for (round, writes) in [0, 150, 600, 1500].into_iter().enumerate() {
        let round = round as u64;
        fs::write(folder.path().join("round"), round.to_string()).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "disk::child_that_writes_until_it_is_killed", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Said::default();
        while !said.is_under_way || said.written.values().sum::<usize>() < writes {
            said.note(&lines.next().expect("the child goes on until it is killed").unwrap());
        }
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success());
        // What it said before it was killed holds, too.
        for line in lines {
            said.note(&line.unwrap());
        }
        interrupted += left();
        let store = DiskStore::open(folder.path(), 1024 * MEGABYTE).unwrap();
        assert_eq!(left(), 0);
        last_round.extend(said.written.keys().map(|name| (*name, round)));
        for name in 0..KEYS {
            let entry = store.get(&numbered(name)).await.expect("an entry is whole, or is not there");
            let Some(entry) = entry else {
                assert!(!last_round.contains_key(&name), "{name} was said to be written");
                continue;
            };
            let version = entry.stored_at().as_millis();
            assert_eq!(entry.data(), Some(&body(name, version)));
            // What was written by an earlier process does not come back.
            assert!(last_round.get(&name).is_none_or(|round| version >= round * ROUND), "{name}: {version}");
        }
        marked = said.marked.max(marked);
        let marks = store.tag_source().unwrap().load().await.unwrap();
        let marks: HashSet<_> = marks.iter().map(|mark| mark.times.expired.as_micros()).collect();
        assert!((1..=marked).all(|number| marks.contains(&number)));
    }
    assert!(interrupted > 0, "no write was interrupted");
}
