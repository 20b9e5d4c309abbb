//! The values of all fields of a reply, flat, so that nothing that reads or walks them recurses.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::error::JsonProblem;
use super::tag::Tag;

/// A value: its place in the forest.
pub(super) type ValueId = u32;

/// A value. Text is WTF-8: a lone surrogate is what JavaScript's strings may hold, and React sends it.
#[derive(Debug)]
pub(super) enum Value<'a> {
    /// A number, `true`, `false` or `null`; whether it is `null`.
    Plain { null: bool },
    /// Text that means itself.
    Text(Cow<'a, [u8]>),
    /// Text with a meaning for React.
    Tagged(Tag, Cow<'a, [u8]>),
    /// Text that starts with `$` and means nothing.
    Unknown(Cow<'a, [u8]>),
    /// The elements, in `children`.
    Array(Range<usize>),
    /// The values of the members, in `children`; their keys are in `members`.
    Object(Range<usize>),
}

/// Values, and where they are.
#[derive(Debug, Default)]
pub(super) struct Forest<'a> {
    pub(super) values: Vec<Value<'a>>,
    pub(super) children: Vec<ValueId>,
    pub(super) members: HashMap<(ValueId, Cow<'a, [u8]>), ValueId>,
    /// The values of keys `then`.
    pub(super) thens: Vec<ValueId>,
}

impl<'a> Forest<'a> {
    pub(super) fn value(&self, id: ValueId) -> &Value<'a> {
        &self.values[id as usize]
    }

    /// What is directly in a value.
    pub(super) fn children(&self, id: ValueId) -> &[ValueId] {
        match self.value(id) {
            Value::Array(range) | Value::Object(range) => &self.children[range.clone()],
            _ => &[],
        }
    }

    /// The element or member of that key, if it is an own one.
    pub(super) fn child(&self, id: ValueId, key: &[u8]) -> Option<ValueId> {
        match self.value(id) {
            Value::Array(range) => {
                let index = std::str::from_utf8(key).ok()?.parse::<u32>().ok()?;
                let canonical = index.to_string().as_bytes() == key;
                self.children[range.clone()].get(index as usize).copied().filter(|_| canonical)
            }
            Value::Object(_) => self.members.get(&(id, Cow::Borrowed(key))).copied(),
            _ => None,
        }
    }
}

/// How far a text may go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) depth: usize,
    pub(super) values: usize,
}

/// Why a text was not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ReadError {
    Json { offset: usize, problem: JsonProblem },
    Depth,
    Values,
}

/// An array or object that is not closed yet.
struct Open {
    id: ValueId,
    is_object: bool,
    /// Where its children begin among those that wait.
    first: usize,
}

struct Reader<'a, 'f> {
    text: &'a str,
    at: usize,
    forest: &'f mut Forest<'a>,
    bounds: Bounds,
    open: Vec<Open>,
    waiting: Vec<ValueId>,
}

/// Reads one JSON text, exactly what `JSON.parse` takes but for a key that is there twice or is `__proto__`.
pub(super) fn read<'a>(text: &'a str, bounds: Bounds, forest: &mut Forest<'a>) -> Result<ValueId, ReadError> {
    Reader { text, at: 0, forest, bounds, open: Vec::new(), waiting: Vec::new() }.read()
}

impl<'a> Reader<'a, '_> {
    fn read(mut self) -> Result<ValueId, ReadError> {
        loop {
            if let Some(mut done) = self.begin()? {
                // The value is whole; so may be what it is in.
                loop {
                    self.skip_space();
                    let Some(open) = self.open.pop() else {
                        return if self.at == self.text.len() { Ok(done) } else { Err(self.unexpected()) };
                    };
                    self.waiting.push(done);
                    if self.take(b',') {
                        if open.is_object {
                            self.key(open.id)?;
                        }
                        self.open.push(open);
                        break;
                    }
                    if !self.take(if open.is_object { b'}' } else { b']' }) {
                        return Err(self.unexpected());
                    }
                    done = self.close(&open);
                }
            }
        }
    }

    /// Begins a value; gives it when it is whole, nothing when something is to be read inside of it.
    fn begin(&mut self) -> Result<Option<ValueId>, ReadError> {
        self.skip_space();
        match self.peek() {
            Some(start @ (b'{' | b'[')) => {
                self.at += 1;
                let (is_object, end) = if start == b'{' { (true, b'}') } else { (false, b']') };
                if self.open.len() >= self.bounds.depth {
                    return Err(ReadError::Depth);
                }
                let id = self.add(if is_object { Value::Object(0..0) } else { Value::Array(0..0) })?;
                let open = Open { id, is_object, first: self.waiting.len() };
                self.skip_space();
                if self.take(end) {
                    return Ok(Some(self.close(&open)));
                }
                if is_object {
                    self.key(id)?;
                }
                self.open.push(open);
                Ok(None)
            }
            Some(b'"') => {
                let text = self.string()?;
                let value = match Tag::read(&text) {
                    Some(tag) => Value::Tagged(tag, text),
                    None if text.starts_with(b"$") => Value::Unknown(text),
                    None => Value::Text(text),
                };
                self.add(value).map(Some)
            }
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            Some(b'-' | b'0'..=b'9') => self.number().map(Some),
            _ => Err(self.unexpected()),
        }
    }

    fn add(&mut self, value: Value<'a>) -> Result<ValueId, ReadError> {
        let id = self.forest.values.len();
        if id >= self.bounds.values {
            return Err(ReadError::Values);
        }
        self.forest.values.push(value);
        ValueId::try_from(id).map_err(|_| ReadError::Values)
    }

    fn close(&mut self, &Open { id, is_object, first }: &Open) -> ValueId {
        let start = self.forest.children.len();
        self.forest.children.extend(self.waiting.drain(first..));
        let range = start..self.forest.children.len();
        self.forest.values[id as usize] = if is_object { Value::Object(range) } else { Value::Array(range) };
        id
    }

    /// A key of `object` and its colon; its value is the next that is added.
    fn key(&mut self, object: ValueId) -> Result<(), ReadError> {
        self.skip_space();
        let offset = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected());
        }
        let key = self.string()?;
        self.skip_space();
        if !self.take(b':') {
            return Err(self.unexpected());
        }
        if &*key == b"__proto__" {
            return Err(ReadError::Json { offset, problem: JsonProblem::Proto });
        }
        let value = ValueId::try_from(self.forest.values.len()).map_err(|_| ReadError::Values)?;
        if &*key == b"then" {
            self.forest.thens.push(value);
        }
        match self.forest.members.insert((object, key), value) {
            None => Ok(()),
            Some(_) => Err(ReadError::Json { offset, problem: JsonProblem::KeyTwice }),
        }
    }

    fn literal(&mut self, literal: &str) -> Result<Option<ValueId>, ReadError> {
        if !self.text[self.at..].starts_with(literal) {
            return Err(self.unexpected());
        }
        self.at += literal.len();
        self.add(Value::Plain { null: literal == "null" }).map(Some)
    }

    fn number(&mut self) -> Result<ValueId, ReadError> {
        let offset = self.at;
        let malformed = ReadError::Json { offset, problem: JsonProblem::Number };
        self.take(b'-');
        if !self.take(b'0') && self.digits() == 0 {
            return Err(malformed);
        }
        if self.take(b'.') && self.digits() == 0 {
            return Err(malformed);
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return Err(malformed);
            }
        }
        self.add(Value::Plain { null: false })
    }

    fn digits(&mut self) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        digits
    }

    /// The string that starts here, without its quotes and escapes.
    fn string(&mut self) -> Result<Cow<'a, [u8]>, ReadError> {
        let malformed = ReadError::Json { offset: self.at, problem: JsonProblem::String };
        self.at += 1;
        let mut text: Cow<'a, [u8]> = Cow::Borrowed(&[]);
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let Some(end) = rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20)) else {
                return Err(malformed);
            };
            if text.is_empty() {
                text = Cow::Borrowed(&rest[..end]);
            } else {
                text.to_mut().extend_from_slice(&rest[..end]);
            }
            self.at += end + 1;
            match rest[end] {
                b'"' => return Ok(text),
                b'\\' => {
                    if self.escape(text.to_mut()).is_none() {
                        return Err(malformed);
                    }
                }
                _ => return Err(malformed),
            }
        }
    }

    /// What is behind a backslash; `None` if it is malformed.
    fn escape(&mut self, text: &mut Vec<u8>) -> Option<()> {
        let escape = self.peek()?;
        self.at += 1;
        text.push(match escape {
            b'"' | b'\\' | b'/' => escape,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let unit = self.unit()?;
                push_unit(text, unit);
                return Some(());
            }
            _ => return None,
        });
        Some(())
    }

    fn unit(&mut self) -> Option<u16> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
        let mut unit = 0;
        for &digit in digits {
            unit = unit << 4 | u16::try_from(char::from(digit).to_digit(16)?).ok()?;
        }
        self.at += 4;
        Some(unit)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn unexpected(&self) -> ReadError {
        ReadError::Json { offset: self.at, problem: JsonProblem::Unexpected }
    }
}

/// Adds a unit of UTF-16. The second of a pair joins the first, as text with both halves escaped is the same text.
#[allow(clippy::cast_possible_truncation)]
fn push_unit(text: &mut Vec<u8>, unit: u16) {
    let code = u32::from(unit);
    if let (0xdc00..=0xdfff, [.., 0xed, high @ 0xa0..=0xaf, low]) = (code, text.as_slice()) {
        let first = 0xd000 | u32::from(*high & 0x3f) << 6 | u32::from(*low & 0x3f);
        let joined = 0x1_0000 + ((first - 0xd800) << 10) + (code - 0xdc00);
        let character = char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER);
        text.truncate(text.len() - 3);
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    } else if let Some(character) = char::from_u32(code) {
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        // A lone surrogate, in the three bytes that UTF-8 would have for it.
        text.extend_from_slice(&[
            0xe0 | (code >> 12) as u8,
            0x80 | (code >> 6 & 0x3f) as u8,
            0x80 | (code & 0x3f) as u8,
        ]);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    const BOUNDS: Bounds = Bounds { depth: 5, values: 100 };

    fn text(json: &str) -> Vec<u8> {
        let mut forest = Forest::default();
        let id = read(json, BOUNDS, &mut forest).unwrap();
        match forest.value(id) {
            Value::Text(text) | Value::Tagged(_, text) | Value::Unknown(text) => text.to_vec(),
            _ => panic!("{json} is text"),
        }
    }

    #[test]
    fn strings_are_what_javascript_makes_of_them() {
        assert_eq!(text(r#""a\n\"\/\u00e9é""#), "a\n\"/éé".as_bytes());
        assert_eq!(text(r#""\ud83d\ude00""#), "😀".as_bytes());
        assert_eq!(text(r#""\ud83d""#), b"\xed\xa0\xbd");
        assert_eq!(text(r#""\ude00\ud83dx""#), b"\xed\xb8\x80\xed\xa0\xbdx");
        assert_eq!(text(r#""\u0024@0""#), b"$@0", "an escaped dollar is a dollar");
    }

    #[test]
    fn keys_are_found_by_what_they_mean() {
        let mut forest = Forest::default();
        let root = read(r#"{"\u0061":[1,[2]],"b":{"a":3}}"#, BOUNDS, &mut forest).unwrap();
        let list = forest.child(root, b"a").unwrap();
        assert_eq!(forest.children(list).len(), 2);
        assert!(forest.child(list, b"1").is_some());
        for key in ["2", "01", "-0", "+1", "length", "", "constructor"] {
            assert!(forest.child(list, key.as_bytes()).is_none(), "{key}");
        }
        assert!(forest.child(root, b"toString").is_none());
    }

    #[test]
    fn the_limits_are_exact() {
        let bounds = Bounds { depth: 2, values: 3 };
        let read = |json| read(json, bounds, &mut Forest::default()).map(|_| ());
        assert_eq!(read("[[1]]"), Ok(()));
        assert_eq!(read("[[[]]]"), Err(ReadError::Depth));
        assert_eq!(read("[1,2]"), Ok(()));
        assert_eq!(read("[1,2,3]"), Err(ReadError::Values));
    }

    #[test]
    fn a_key_twice_and_proto_are_refused_however_they_are_written() {
        for (json, offset, problem) in [
            (r#"{"a":1,"\u0061":2}"#, 7, JsonProblem::KeyTwice),
            (r#"{"__proto__":1}"#, 1, JsonProblem::Proto),
            (r#"[{"_\u005fproto__":1}]"#, 2, JsonProblem::Proto),
        ] {
            let error = read(json, BOUNDS, &mut Forest::default()).unwrap_err();
            assert_eq!(error, ReadError::Json { offset, problem }, "{json}");
        }
    }

    #[test]
    fn a_million_brackets_do_not_recurse() {
        let deep = Bounds { depth: usize::MAX, values: usize::MAX };
        let json = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert!(read(&json, deep, &mut Forest::default()).is_ok());
        assert!(read(&json[1..], deep, &mut Forest::default()).is_err());
    }

    proptest! {
        /// `serde_json` is the model; it differs in lone surrogates, in what is there twice and in what is too large.
        #[test]
        fn what_is_json_is_read_and_nothing_else(json in "([\\[\\]{},:]| |\"a?\"|\"(\\\\n|é|\\\\u00e9|\\\\x)\"|-?(0|1|01)(\\.|\\.5)?(e|e-?1)?|true|null|nul){0,12}") {
            let known = serde_json::from_str::<serde_json::Value>(&json);
            match read(&json, Bounds { depth: 100, values: 100 }, &mut Forest::default()) {
                Err(ReadError::Json { problem: JsonProblem::KeyTwice, .. }) => {}
                ours => prop_assert_eq!(ours.is_ok(), known.is_ok(), "{}", json),
            }
        }

        #[test]
        fn every_document_is_read(text in any::<String>(), key in any::<String>(), number in any::<f64>()) {
            let json = serde_json::json!({ "k": [text, number, null, true], (format!("_{key}")): {} }).to_string();
            let mut forest = Forest::default();
            let root = read(&json, BOUNDS, &mut forest).unwrap();
            let list = forest.child(root, b"k").unwrap();
            let found = forest.child(list, b"0").unwrap();
            let is_same = matches!(forest.value(found), Value::Text(found) | Value::Tagged(_, found) | Value::Unknown(found) if **found == *text.as_bytes());
            prop_assert!(is_same);
        }
    }
}
