//! Marks on the server: kept in a hash, stamped with its time, told on a channel.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use redis::cmd;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::server::{CONNECTING, Server};
use crate::codec;
use crate::store::{BoxFuture, StoreError};
use crate::tags::{Mark, MarkTimes, Stamp, TagSink, TagSource};

/// Adds to the marks of a subject, in the server's time, and tells everybody. What is above `seen` is later for all.
///
/// Keys: the hash of marks, the order of subjects by their last mark, the latest stamp. Arguments: the subject, whether it
/// becomes stale, its deadline or nothing, whether it expires, the latest stamp of the one who asks, the channel, how many
/// marks are kept. A mark is the text `stale expired deadline`; a message is that, a line feed, and the subject.
const PUBLISH: &str = r"
local subject, seen, channel, capacity = ARGV[1], tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('GET', KEYS[3]) or '0')
local stamp = math.max(now, last + 1, seen + 1)
redis.call('SET', KEYS[3], string.format('%.0f', stamp))

local stale, expired, deadline = 0, 0, ''
local known = redis.call('HGET', KEYS[1], subject)
if known then
  stale, expired, deadline = string.match(known, '^(%d+) (%d+) (%d*)$')
  stale, expired = tonumber(stale), tonumber(expired)
  if deadline ~= '' and tonumber(deadline) <= now then
    expired, deadline = math.max(expired, stale), ''
  end
end
if ARGV[2] == '1' then
  stale = stamp
  if ARGV[3] ~= '' and (deadline == '' or tonumber(ARGV[3]) < tonumber(deadline)) then deadline = ARGV[3] end
end
if ARGV[4] == '1' then expired = stamp end

local function keep(name, text)
  redis.call('HSET', KEYS[1], name, text)
  redis.call('PUBLISH', channel, text .. '\n' .. name)
end
local text = string.format('%.0f %.0f %s', stale, expired, deadline)
keep(subject, text)

local everything = string.char(0)
if subject ~= everything then redis.call('ZADD', KEYS[2], string.format('%.0f', stamp), subject) end
if redis.call('ZCARD', KEYS[2]) > capacity then
  local oldest = redis.call('ZPOPMIN', KEYS[2], math.ceil(capacity / 2))
  local forgotten = 0
  for place = 1, #oldest, 2 do
    redis.call('HDEL', KEYS[1], oldest[place])
    forgotten = math.max(forgotten, tonumber(oldest[place + 1]))
  end
  keep(everything, string.format('0 %.0f ', forgotten))
end
return text";

/// Gives the server's time and the latest stamp, after making sure that what comes is later than what was seen.
const LOOK: &str = r"
local last = redis.call('GET', KEYS[1]) or '0'
local time = redis.call('TIME')
local now, seen = time[1] * 1000000 + time[2], tonumber(ARGV[1])
if seen >= now and seen > tonumber(last) then redis.call('SET', KEYS[1], ARGV[1]) end
return {string.format('%.0f', now), last}";

/// A number of the server's scripts is exact up to this. A deadline beyond is none.
const EXACT: u64 = 1 << 53;

/// How long until a connection that was lost is tried again: at first, and at most. Within a second of the server's return
/// everybody is to know what was invalidated.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

impl Server {
    fn marks_key(&self) -> String {
        format!("{}:marks", self.prefix)
    }

    fn order_key(&self) -> String {
        format!("{}:order", self.prefix)
    }

    fn last_key(&self) -> String {
        format!("{}:last", self.prefix)
    }

    fn channel(&self) -> String {
        format!("{}:told", self.prefix)
    }

    /// Reads the time, and gives the latest stamp of the server.
    async fn look(&self, seen: Stamp) -> Result<Stamp, StoreError> {
        let mut command = cmd("EVAL");
        command.arg(LOOK).arg(1).arg(self.last_key()).arg(seen.as_micros());
        let (now, last): (u64, u64) = self.ask(&command).await?;
        self.read_time(Stamp::from_micros(now));
        Ok(Stamp::from_micros(last))
    }

    async fn all(&self) -> Result<Vec<Mark>, StoreError> {
        let known: Vec<(Vec<u8>, Vec<u8>)> = self.ask(cmd("HGETALL").arg(self.marks_key())).await?;
        known.into_iter().map(|(subject, times)| parse(subject.into(), &times)).collect()
    }

    /// Listens until the connection breaks or nobody wants to know any more, which is no error.
    async fn follow(&self, sink: &TagSink) -> Result<(), StoreError> {
        let connecting = timeout(CONNECTING, async {
            let mut listening = self.client.get_async_pubsub().await?;
            listening.subscribe(self.channel()).await?;
            Ok::<_, StoreError>(listening)
        });
        let listening = connecting.await.map_err(|_| StoreError::TimedOut(CONNECTING))??;
        let (_subscription, mut messages) = listening.split();
        // What was told before we listened.
        let mut known = self.catch_up(sink, Stamp::default()).await?;
        let mut ticks = interval(self.look_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = messages.next() => {
                    let message = message.ok_or_else(|| StoreError::Unavailable("nothing is told any more".to_owned()))?;
                    let mark = parse_message(message.get_payload_bytes())?;
                    known = known.max(mark.times.newest());
                    sink.apply(&mark);
                }
                _ = ticks.tick() => known = self.catch_up(sink, known).await?,
            }
            if !sink.is_open() {
                return Ok(());
            }
        }
    }

    /// Reads all marks if there are some later than `known`. Gives the latest.
    async fn catch_up(&self, sink: &TagSink, known: Stamp) -> Result<Stamp, StoreError> {
        let Some(seen) = sink.latest() else { return Ok(known) };
        let last = self.look(seen).await?;
        if last > known {
            for mark in self.all().await? {
                sink.apply(&mark);
            }
        }
        Ok(last.max(known))
    }
}

impl TagSource for Server {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn now(&self) -> Option<Stamp> {
        self.time()
    }

    fn load(&self) -> BoxFuture<'_, Result<Vec<Mark>, StoreError>> {
        Box::pin(async move {
            self.look(Stamp::default()).await?;
            self.all().await
        })
    }

    fn publish<'a>(&'a self, mark: &'a Mark) -> BoxFuture<'a, Result<Option<Mark>, StoreError>> {
        Box::pin(async move {
            let MarkTimes { stale, expired, deadline } = mark.times;
            let flag = |stamp: Stamp| u8::from(stamp > Stamp::default());
            let deadline = deadline.map(Stamp::as_micros).filter(|deadline| *deadline < EXACT);
            let mut command = cmd("EVAL");
            command.arg(PUBLISH).arg(3).arg(self.marks_key()).arg(self.order_key()).arg(self.last_key());
            command.arg(codec::encode_subject(&mark.subject)).arg(flag(stale));
            command.arg(deadline.map_or_else(String::new, |deadline| deadline.to_string())).arg(flag(expired));
            command.arg(mark.times.newest().as_micros()).arg(self.channel()).arg(self.marks);
            let text: Vec<u8> = self.ask(&command).await?;
            Ok(Some(Mark { subject: mark.subject.clone(), times: parse_times(&text)? }))
        })
    }

    fn listen(self: Arc<Self>, sink: TagSink) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let mut pause = FIRST_PAUSE;
            while sink.is_open() {
                let begun = tokio::time::Instant::now();
                if self.follow(&sink).await.is_ok() {
                    return;
                }
                // It went well for a while: what has broken may be whole again.
                if begun.elapsed() > LONGEST_PAUSE {
                    pause = FIRST_PAUSE;
                }
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        })
    }
}

fn parse_message(message: &[u8]) -> Result<Mark, StoreError> {
    let end = message.iter().position(|byte| *byte == b'\n').ok_or_else(|| not_a_mark(message))?;
    parse(Bytes::copy_from_slice(&message[end + 1..]), &message[..end])
}

fn parse(subject: Bytes, times: &[u8]) -> Result<Mark, StoreError> {
    Ok(Mark { subject: codec::decode_subject(subject)?, times: parse_times(times)? })
}

fn parse_times(text: &[u8]) -> Result<MarkTimes, StoreError> {
    let parsed = std::str::from_utf8(text).ok().and_then(|text| {
        let mut numbers = text.split(' ');
        let mut stamp = || numbers.next()?.parse().ok().map(Stamp::from_micros);
        let (stale, expired) = (stamp()?, stamp()?);
        let deadline = match numbers.next()? {
            "" => None,
            deadline => Some(Stamp::from_micros(deadline.parse().ok()?)),
        };
        numbers.next().is_none().then_some(MarkTimes { stale, expired, deadline })
    });
    parsed.ok_or_else(|| not_a_mark(text))
}

fn not_a_mark(text: &[u8]) -> StoreError {
    StoreError::Corrupt(format!("`{}` is no mark", String::from_utf8_lossy(text)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_mark_is_three_numbers_the_last_of_which_may_be_missing() {
        let at = Stamp::from_micros;
        let times = |text: &str| parse_times(text.as_bytes()).ok();
        assert_eq!(times("1 2 3"), Some(MarkTimes { stale: at(1), expired: at(2), deadline: Some(at(3)) }));
        assert_eq!(times("1 2 "), Some(MarkTimes { stale: at(1), expired: at(2), deadline: None }));
        for text in ["", "1", "1 2", "1 2 3 4", "1 x 3", "-1 2 3"] {
            assert_eq!(times(text), None, "{text}");
        }
        assert!(parse_message(b"1 2 ").is_err());
        assert!(parse_message(b"1 2 \n\x09").is_err());
        assert_eq!(parse_message(b"0 2 \n\0").unwrap().times.expired, at(2));
    }
}
