//! Of a stored payload, the segments that a client does not have. What it has, it says in a header: the contract of the
//! router in the browser, which nobody has to trust, as a payload is no secret from who may ask for all of it.

use std::collections::HashMap;

use http::{HeaderMap, HeaderName};
use percent_encoding::percent_decode;
use serde::Deserialize;
use serde_json::{Map, Value};
use vinext_rsc::prune::{Edited, prune};

const STATE_TREE: HeaderName = HeaderName::from_static("next-router-state-tree");
/// The client writes none that is longer.
const MAX_LENGTH: usize = 2048;
const MAX_DEPTH: usize = 32;

/// A segment whose layout the client has, and those below it by slot.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Known {
    key: String,
    slots: HashMap<String, Known>,
}

/// `[key, slot, segment, slot, segment, …]`
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Segment(Vec<Written>),
}

impl Known {
    /// What a request says; `None` if that is nothing that can be read.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get(STATE_TREE)?.as_bytes();
        if header.len() > MAX_LENGTH {
            return None;
        }
        let text = percent_decode(header).decode_utf8().ok()?;
        Self::read(serde_json::from_str(&text).ok()?, 0)
    }

    fn read(written: Written, depth: usize) -> Option<Self> {
        let Written::Segment(parts) = written else { return None };
        if depth > MAX_DEPTH {
            return None;
        }
        let mut parts = parts.into_iter();
        let Some(Written::Text(key)) = parts.next() else { return None };
        let mut slots = HashMap::new();
        while let (Some(name), Some(segment)) = (parts.next(), parts.next()) {
            let Written::Text(name) = name else { return None };
            let name = if name.is_empty() { "children".to_owned() } else { name };
            slots.insert(name, Self::read(segment, depth + 1)?);
        }
        Some(Self { key, slots })
    }

    /// The payload without the layouts that are known; `None` if it has to be sent as it is.
    pub(super) fn left_out_of(&self, payload: &[u8]) -> Option<Vec<u8>> {
        prune(payload, |model| {
            let mut root: Value = serde_json::from_str(model).ok()?;
            let mut removed = Vec::new();
            self.remove(root.get_mut("tree")?.as_object_mut()?, "tree", &mut removed);
            (!removed.is_empty()).then(|| Edited { model: root.to_string(), removed })
        })
    }

    fn remove(&self, segment: &mut Map<String, Value>, place: &str, removed: &mut Vec<String>) {
        if segment.get("key").and_then(Value::as_str) != Some(&self.key) {
            return;
        }
        let Some(slots) = segment.get_mut("slots").and_then(Value::as_object_mut) else { return };
        // A page: it is what was asked for.
        if slots.is_empty() {
            return;
        }
        for (name, known) in &self.slots {
            if let Some(slot) = slots.get_mut(name).and_then(Value::as_object_mut) {
                known.remove(slot, &format!("{place}:slots:{name}"), removed);
            }
        }
        if segment.shift_remove("node").is_some() {
            removed.push(format!("{place}:node"));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn known(text: &str) -> Option<Known> {
        let mut headers = HeaderMap::new();
        headers.insert(STATE_TREE, text.parse().unwrap());
        Known::of(&headers)
    }

    const PAYLOAD: &str = concat!(
        "1:I[1,[],\"\"]\n",
        r#"0:{"tree":{"segment":"","key":"","node":"$L1","slots":{"children":{"segment":"a","key":"a","node":["$","$L2",null,{}],"#,
        r#""slots":{"children":{"segment":"__PAGE__","key":"__PAGE__","node":"$3","slots":{}}}}}},"head":["$4"]}"#,
        "\n2:I[2,[],\"\"]\n3:\"page\"\n4:\"head\"\n",
    );

    fn left(header: &str) -> Option<String> {
        known(header).unwrap().left_out_of(PAYLOAD.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn layouts_that_are_known_are_left_out_with_what_only_they_need() {
        let all = left(r#"["","",["a"]]"#).unwrap();
        assert!(
            !all.contains("1:I") && !all.contains("2:I") && all.contains("3:\"page\"") && all.contains("4:\"head\""),
            "{all}"
        );
        let root = left("%5B%22%22%5D").unwrap();
        assert!(!root.contains("1:I") && root.contains("2:I"), "{root}");
    }

    #[test]
    fn what_is_another_segment_or_a_page_is_sent() {
        assert_eq!(left(r#"["b"]"#), None);
        let other = left(r#"["","",["b"]]"#).unwrap();
        assert!(other.contains("2:I"), "{other}");
        let page = left(r#"["","",["a","",["__PAGE__"]]]"#).unwrap();
        assert!(page.contains("3:\"page\""), "{page}");
    }

    #[test]
    fn what_is_no_tree_says_nothing() {
        let deep = format!("{}[\"\"]{}", "[\"\",\"\",".repeat(40), "]".repeat(40));
        let long = format!("[\"{}\"]", "x".repeat(MAX_LENGTH));
        for text in
            ["", "x", "%", "%E0%A4%A", "null", "{}", "[]", "[1]", r#"["",1,["a"]]"#, r#"["","","a"]"#, &deep, &long]
        {
            assert_eq!(known(text), None, "{text}");
        }
    }

    #[test]
    fn a_payload_that_is_none_is_sent_as_it_is() {
        for payload in ["", "0:null\n", "0:{\"tree\":\"$1\"}\n1:{}\n", "0:{}\n", "x"] {
            assert_eq!(known(r#"[""]"#).unwrap().left_out_of(payload.as_bytes()), None, "{payload}");
        }
    }
}
