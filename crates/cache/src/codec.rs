//! Entries and marks as bytes: for disks and servers.
//!
//! An entry is `VXCE`, a version, the BLAKE3 of all that follows, then the payload; numbers are little-endian, whatever has
//! a length has it in front. What does not decode to the last byte is refused, and so is a response that could not have been
//! stored.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;

use crate::clock::Timestamp;
use crate::entry::{Entry, Value};
use crate::key::{CacheKey, KeyId, Variant};
use crate::policy::CachePolicy;
use crate::response::{NotStorable, StorableResponse};
use crate::store::StoreError;
use crate::tags::{Mark, MarkTimes, Stamp, Subject, Tag};

const MAGIC: &[u8; 4] = b"VXCE";
pub(crate) const VERSION: u8 = 1;
const CHECKED_FROM: usize = MAGIC.len() + 1 + blake3::OUT_LEN;

/// Where in an encoded entry the bytes are that tell it from another of the same key.
pub(crate) const IDENTITY: Range<usize> = CHECKED_FROM..CHECKED_FROM + 16;

/// Why bytes are no entry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum CodecError {
    #[error("it does not begin as entries do")]
    Magic,
    #[error("it has version {0}")]
    Version(u8),
    #[error("its checksum is wrong")]
    Checksum,
    #[error("it ends early")]
    Short,
    #[error("it goes on after its end")]
    Long,
    #[error("it has an unknown code {0}")]
    Code(u8),
    #[error("it has text that is no UTF-8")]
    Text,
    #[error("it has a tag that is none")]
    Tag,
    #[error("{0}")]
    Response(#[from] NotStorable),
}

impl From<CodecError> for StoreError {
    fn from(error: CodecError) -> Self {
        Self::Corrupt(error.to_string())
    }
}

/// The bytes at [`IDENTITY`].
pub(crate) fn identity(entry: &Entry) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&entry.stored_at().as_millis().to_le_bytes());
    bytes[8..].copy_from_slice(&entry.begun().as_micros().to_le_bytes());
    bytes
}

pub(crate) fn encode(key: &CacheKey, entry: &Entry) -> Vec<u8> {
    let size = match entry.value() {
        Value::Data(data) => data.len(),
        Value::Response(response) => {
            response.body().len() + response.parts().iter().map(|(_, bytes)| bytes.len()).sum::<usize>() + 1024
        }
    };
    let mut out = Writer(Vec::with_capacity(size + 512));
    out.0.extend_from_slice(MAGIC);
    out.0.push(VERSION);
    out.0.extend_from_slice(&[0; blake3::OUT_LEN]);
    out.0.extend_from_slice(&identity(entry));
    out.0.extend_from_slice(key.id().as_bytes());
    out.0.push(key.variant().code());
    out.bytes(key.route().as_bytes());
    let policy = entry.policy();
    for time in [policy.stale_time(), policy.revalidate_time(), policy.expire_time()] {
        out.duration(time);
    }
    out.number(policy.tags().len() as u64);
    for tag in policy.tags() {
        out.bytes(tag.as_str().as_bytes());
    }
    match entry.value() {
        Value::Data(data) => {
            out.0.push(0);
            out.bytes(data);
        }
        Value::Response(response) => {
            out.0.push(1);
            out.0.extend_from_slice(&response.status().to_le_bytes());
            out.number(response.headers().len() as u64);
            for (name, value) in response.headers() {
                out.bytes(name.as_bytes());
                out.bytes(value.as_bytes());
            }
            out.bytes(response.body());
            out.number(response.parts().len() as u64);
            for (name, bytes) in response.parts() {
                out.bytes(name.as_bytes());
                out.bytes(bytes);
            }
        }
    }
    let mut bytes = out.0;
    let checksum = blake3::hash(&bytes[CHECKED_FROM..]);
    bytes[MAGIC.len() + 1..CHECKED_FROM].copy_from_slice(checksum.as_bytes());
    bytes
}

/// An entry and its key. Bodies are views of `bytes`, not copies.
pub(crate) fn decode(mut bytes: Bytes) -> Result<(CacheKey, Entry), CodecError> {
    if bytes.len() < CHECKED_FROM {
        return Err(CodecError::Short);
    }
    let head = bytes.split_to(CHECKED_FROM);
    if &head[..MAGIC.len()] != MAGIC {
        return Err(CodecError::Magic);
    }
    if head[MAGIC.len()] != VERSION {
        return Err(CodecError::Version(head[MAGIC.len()]));
    }
    if blake3::hash(&bytes).as_bytes()[..] != head[MAGIC.len() + 1..] {
        return Err(CodecError::Checksum);
    }
    decode_payload(bytes)
}

/// The entry of a key. What was stored under another is damage.
pub(crate) fn decode_of(key: &CacheKey, bytes: Bytes) -> Result<Entry, StoreError> {
    let (found, entry) = decode(bytes)?;
    if found != *key {
        return Err(StoreError::Corrupt(format!("it is the entry of {}", found.id())));
    }
    Ok(entry)
}

fn decode_payload(bytes: Bytes) -> Result<(CacheKey, Entry), CodecError> {
    let mut reader = Reader(bytes);
    let stored_at = Timestamp::from_millis(reader.number()?);
    let begun = Stamp::from_micros(reader.number()?);
    let id = KeyId::new(reader.array()?);
    let variant = reader.byte()?;
    let variant = Variant::from_code(variant).ok_or(CodecError::Code(variant))?;
    let route = reader.text()?;
    let (stale, revalidate, expire) = (reader.duration()?, reader.duration()?, reader.duration()?);
    let mut tags = Vec::new();
    for _ in 0..reader.number()? {
        tags.push(reader.text()?.parse().map_err(|_| CodecError::Tag)?);
    }
    let policy = CachePolicy::from_parts(stale, revalidate, expire, tags);
    let value = match reader.byte()? {
        0 => Value::Data(reader.bytes()?),
        1 => Value::Response(reader.response()?),
        code => return Err(CodecError::Code(code)),
    };
    reader.end()?;
    Ok((CacheKey::from_parts(&route, variant, id), Entry::new(value, policy, stored_at, begun)))
}

pub(crate) fn encode_mark(mark: &Mark) -> Vec<u8> {
    let mut out = Writer(encode_subject(&mark.subject));
    out.number(mark.times.stale.as_micros());
    out.number(mark.times.expired.as_micros());
    // No deadline is at the end of time.
    out.number(mark.times.deadline.map_or(u64::MAX, Stamp::as_micros));
    out.0
}

pub(crate) fn decode_mark(bytes: Bytes) -> Result<Mark, CodecError> {
    let mut reader = Reader(bytes);
    let subject = reader.subject()?;
    let (stale, expired) = (Stamp::from_micros(reader.number()?), Stamp::from_micros(reader.number()?));
    let deadline = Some(reader.number()?).filter(|deadline| *deadline != u64::MAX).map(Stamp::from_micros);
    reader.end()?;
    Ok(Mark { subject, times: MarkTimes { stale, expired, deadline } })
}

pub(crate) fn encode_subject(subject: &Subject) -> Vec<u8> {
    let mut out = Writer(Vec::with_capacity(64));
    match subject {
        Subject::Everything => out.0.push(0),
        Subject::Tag(tag) => {
            out.0.push(1);
            out.bytes(tag.as_str().as_bytes());
        }
        Subject::Key(key) => {
            out.0.push(2);
            out.0.extend_from_slice(key.as_bytes());
        }
    }
    out.0
}

#[cfg(any(feature = "redis", test))]
pub(crate) fn decode_subject(bytes: Bytes) -> Result<Subject, CodecError> {
    let mut reader = Reader(bytes);
    let subject = reader.subject()?;
    reader.end()?;
    Ok(subject)
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn duration(&mut self, duration: Option<Duration>) {
        self.0.push(u8::from(duration.is_some()));
        if let Some(duration) = duration {
            self.number(duration.as_secs());
            self.0.extend_from_slice(&duration.subsec_nanos().to_le_bytes());
        }
    }
}

struct Reader(Bytes);

impl Reader {
    fn take(&mut self, length: u64) -> Result<Bytes, CodecError> {
        match usize::try_from(length) {
            Ok(length) if length <= self.0.len() => Ok(self.0.split_to(length)),
            _ => Err(CodecError::Short),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        self.take(N as u64)?[..].try_into().map_err(|_| CodecError::Short)
    }

    fn byte(&mut self) -> Result<u8, CodecError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn number(&mut self) -> Result<u64, CodecError> {
        self.array().map(u64::from_le_bytes)
    }

    fn bytes(&mut self) -> Result<Bytes, CodecError> {
        let length = self.number()?;
        self.take(length)
    }

    fn text(&mut self) -> Result<String, CodecError> {
        String::from_utf8(self.bytes()?.into()).map_err(|_| CodecError::Text)
    }

    fn duration(&mut self) -> Result<Option<Duration>, CodecError> {
        match self.byte()? {
            0 => Ok(None),
            1 => {
                let seconds = self.number()?;
                let nanos = u32::from_le_bytes(self.array()?);
                // More nanoseconds than a second has would overflow at the end of time.
                if nanos >= 1_000_000_000 {
                    return Err(CodecError::Code(1));
                }
                Ok(Some(Duration::new(seconds, nanos)))
            }
            code => Err(CodecError::Code(code)),
        }
    }

    fn response(&mut self) -> Result<StorableResponse, CodecError> {
        let status = u16::from_le_bytes(self.array()?);
        let mut headers = Vec::new();
        for _ in 0..self.number()? {
            headers.push((self.text()?, self.text()?));
        }
        let body = self.bytes()?;
        let mut response = StorableResponse::new(status, headers, body)?;
        for _ in 0..self.number()? {
            response = response.with_part(self.text()?, self.bytes()?);
        }
        Ok(response)
    }

    fn subject(&mut self) -> Result<Subject, CodecError> {
        match self.byte()? {
            0 => Ok(Subject::Everything),
            1 => Ok(Subject::Tag(self.text()?.parse::<Tag>().map_err(|_| CodecError::Tag)?)),
            2 => Ok(Subject::Key(KeyId::new(self.array()?))),
            code => Err(CodecError::Code(code)),
        }
    }

    fn end(&self) -> Result<(), CodecError> {
        if self.0.is_empty() { Ok(()) } else { Err(CodecError::Long) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    fn duration() -> impl Strategy<Value = Option<Duration>> {
        option::of((any::<u64>(), 0_u32..1_000_000_000).prop_map(|(seconds, nanos)| Duration::new(seconds, nanos)))
    }

    fn body(least: usize) -> impl Strategy<Value = Bytes> {
        vec(any::<u8>(), least..200).prop_map(Bytes::from)
    }

    fn response() -> impl Strategy<Value = StorableResponse> {
        let headers = vec(("[a-z][a-z0-9-]{0,8}x", "[ -~é]{0,20}"), 0..5);
        (200_u16..206, headers, body(1), vec(("[a-z/]{0,8}", body(0)), 0..4)).prop_map(
            |(status, headers, body, parts)| {
                let response = StorableResponse::new(status, headers, body).unwrap();
                parts.into_iter().fold(response, |response, (name, bytes)| response.with_part(name, bytes))
            },
        )
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![body(0).prop_map(Value::Data), response().prop_map(Value::Response)]
    }

    fn pair() -> impl Strategy<Value = (CacheKey, Entry)> {
        let policy = (duration(), duration(), duration(), vec(".{1,20}", 0..5));
        let policy = policy.prop_map(|(stale, revalidate, expire, tags)| {
            tags.iter()
                .fold(CachePolicy::from_parts(stale, revalidate, expire, Vec::new()), |policy, tag| policy.tag(tag))
        });
        ("[/a-z\\[\\]]{0,20}", 0_u8..6, vec(any::<u8>(), 0..9), value(), policy, any::<(u64, u64)>()).prop_map(
            |(route, variant, part, value, policy, (stored_at, begun))| {
                let key = CacheKey::builder(route, Variant::from_code(variant).unwrap()).part(part).finish();
                let times = (Timestamp::from_millis(stored_at), Stamp::from_micros(begun));
                (key, Entry::new(value, policy, times.0, times.1))
            },
        )
    }

    fn subject() -> impl Strategy<Value = Subject> {
        prop_oneof![
            Just(Subject::Everything),
            ".{1,20}".prop_map(|tag| Subject::Tag(tag.parse().unwrap())),
            any::<[u8; 32]>().prop_map(|id| Subject::Key(KeyId::new(id))),
        ]
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded((key, entry) in pair()) {
            let bytes = Bytes::from(encode(&key, &entry));
            prop_assert_eq!(&bytes[IDENTITY], &identity(&entry)[..]);
            let (found, decoded) = decode(bytes).unwrap();
            prop_assert_eq!((found.route(), found.variant(), found.id()), (key.route(), key.variant(), key.id()));
            prop_assert_eq!(decoded, entry);
        }

        #[test]
        fn a_changed_byte_is_noticed((key, entry) in pair(), place in any::<prop::sample::Index>(), change in 1_u8..) {
            let mut bytes = encode(&key, &entry);
            let place = place.index(bytes.len());
            bytes[place] ^= change;
            prop_assert!(decode(bytes.into()).is_err());
        }

        #[test]
        fn a_part_of_an_entry_is_none((key, entry) in pair(), end in any::<prop::sample::Index>()) {
            let bytes = Bytes::from(encode(&key, &entry));
            let end = end.index(bytes.len());
            prop_assert!(decode(bytes.slice(..end)).is_err());
            prop_assert!(decode_payload(bytes.slice(CHECKED_FROM.min(end)..end)).is_err());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..400)) {
            let _ = decode(bytes.clone().into());
            let _ = decode_payload(bytes.clone().into());
            let _ = decode_mark(bytes.into());
        }

        #[test]
        fn no_damage_makes_it_panic((key, entry) in pair(), damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
            let mut bytes = encode(&key, &entry);
            for (place, value) in damage {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
            let _ = decode_payload(Bytes::from(bytes).slice(CHECKED_FROM..));
        }

        #[test]
        fn a_mark_that_is_encoded_is_decoded(subject in subject(), stale in any::<u64>(), expired in any::<u64>(), deadline in option::of(0..u64::MAX)) {
            let times = MarkTimes {
                stale: Stamp::from_micros(stale),
                expired: Stamp::from_micros(expired),
                deadline: deadline.map(Stamp::from_micros),
            };
            let mark = Mark { subject, times };
            prop_assert_eq!(decode_mark(encode_mark(&mark).into()), Ok(mark.clone()));
            prop_assert_eq!(decode_subject(encode_subject(&mark.subject).into()), Ok(mark.subject));
        }
    }

    #[test]
    fn a_response_that_may_not_be_stored_is_not_read_either() {
        let response = StorableResponse::new(200, [("xxx-cookie", "a=1")], Bytes::from("page")).unwrap();
        let key = CacheKey::builder("/", Variant::Html).finish();
        let entry = Entry::prerendered(response, CachePolicy::forever(), Timestamp::from_millis(1));
        let mut bytes = encode(&key, &entry).split_off(CHECKED_FROM);
        let at = bytes.windows(10).position(|window| window == b"xxx-cookie").unwrap();
        bytes[at..at + 3].copy_from_slice(b"set");
        assert_eq!(decode_payload(bytes.into()).unwrap_err(), CodecError::Response(NotStorable::SetCookie));
    }
}
