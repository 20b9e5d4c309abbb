//! A whole payload, without what its reader has.
//!
//! The rows of a payload refer to one another by their ids: `"$L1"`, `"$@2"`, `"$3:props:title"`. Where a part of the first
//! one is taken away, rows that only that part referred to are of no use to anybody.

use std::collections::{BTreeMap, BTreeSet};

use crate::row::{Limits, Row, RowReader, RowWriter};

/// The model that everything begins with.
const ROOT: u32 = 0;

/// The first model, with parts taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// JSON.
    pub model: String,
    /// Where the parts were, as React writes it: `tree:slots:children:node`.
    pub removed: Vec<String>,
}

/// Leaves out of a payload what `edit` takes away from its first model, and the rows that nothing else refers to. `None`: it
/// has to stay as it is, because it is no payload, because nothing was taken away, or because what stays refers into what
/// was taken away.
///
/// ```
/// use vinext_rsc::prune::{Edited, prune};
///
/// let payload = b"1:I[7,[],\"\"]\n0:{\"layout\":\"$L1\",\"page\":\"$2\"}\n2:[\"$\",\"h1\",null,{}]\n";
/// let page = prune(payload, |_| {
///     Some(Edited { model: r#"{"page":"$2"}"#.to_owned(), removed: vec!["layout".to_owned()] })
/// });
/// assert_eq!(page.as_deref(), Some(&b"0:{\"page\":\"$2\"}\n2:[\"$\",\"h1\",null,{}]\n"[..]));
/// ```
#[must_use]
pub fn prune(payload: &[u8], edit: impl FnOnce(&str) -> Option<Edited>) -> Option<Vec<u8>> {
    let mut rows = rows(payload)?;
    let root = rows.iter_mut().find(|row| row.id == Some(ROOT))?;
    let Edited { model, removed } = edit(std::str::from_utf8(&root.payload).ok()?)?;
    root.payload = model.into();
    let reached = reached(&rows, &removed)?;
    let mut writer = RowWriter::default();
    // A hint belongs to nothing in particular.
    for row in rows.iter().filter(|row| row.id.is_none_or(|id| reached.contains(&id))) {
        writer.write(row).ok()?;
    }
    Some(writer.into_bytes())
}

fn rows(payload: &[u8]) -> Option<Vec<Row>> {
    let mut reader = RowReader::new(Limits::default());
    reader.push(payload);
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row().ok()? {
        rows.push(row);
    }
    (!reader.has_rest()).then_some(rows)
}

/// The rows that the first one leads to; `None` if one of them refers to what was removed.
fn reached(rows: &[Row], removed: &[String]) -> Option<BTreeSet<u32>> {
    // What comes in pieces has a row for each.
    let mut by_id: BTreeMap<u32, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        if let Some(id) = row.id {
            by_id.entry(id).or_default().push(row);
        }
    }
    let mut reached = BTreeSet::from([ROOT]);
    let mut waiting = vec![ROOT];
    while let Some(id) = waiting.pop() {
        for row in by_id.get(&id).into_iter().flatten().filter(|row| !row.tag.has_length()) {
            for (id, path) in references(&row.payload) {
                if id == ROOT && removed.iter().any(|place| leads_into(path, place)) {
                    return None;
                }
                if reached.insert(id) {
                    waiting.push(id);
                }
            }
        }
    }
    Some(reached)
}

fn leads_into(path: &[u8], place: &str) -> bool {
    path.strip_prefix(place.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b":"))
}

/// What the strings of a text refer to, and where in it. A string that only looks like a reference counts as one.
fn references(text: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    strings(text).filter_map(|string| {
        let rest = string.strip_prefix(b"$")?;
        let kind = rest.first().filter(|first| !matches!(first, b'0'..=b'9' | b'a'..=b'f'));
        let rest = &rest[usize::from(kind.is_some())..];
        let (id, path) = match memchr::memchr(b':', rest) {
            Some(end) => (&rest[..end], &rest[end + 1..]),
            None => (rest, &rest[rest.len()..]),
        };
        let id = u32::from_str_radix(std::str::from_utf8(id).ok()?, 16).ok()?;
        Some((id, path))
    })
}

/// The strings of a JSON text, between their quotes.
fn strings(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = memchr::memchr(b'"', rest)? + 1;
        let mut end = start;
        loop {
            end += memchr::memchr2(b'"', b'\\', &rest[end..])?;
            if rest[end] == b'"' {
                break;
            }
            end = (end + 2).min(rest.len());
        }
        let string = &rest[start..end];
        rest = &rest[end + 1..];
        Some(string)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn edited(model: &str, removed: &[&str]) -> Edited {
        Edited { model: model.to_owned(), removed: removed.iter().map(ToString::to_string).collect() }
    }

    fn pruned(payload: &str, model: &str, removed: &[&str]) -> Option<String> {
        prune(payload.as_bytes(), |_| Some(edited(model, removed))).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn every_kind_of_reference_keeps_its_row() {
        let kinds = ["$1", "$L1", "$@1", "$F1", "$h1", "$Q1", "$W1", "$K1", "$B1", "$i1", "$r1", "$x1", "$1:props:a"];
        for kind in kinds {
            let payload = format!("0:{{\"a\":\"$2\"}}\n1:[\"{kind}\"]\n2:\"x\"\n");
            let model = format!("{{\"b\":\"{kind}\"}}");
            let expected = format!("0:{model}\n1:[\"{kind}\"]\n");
            assert_eq!(pruned(&payload, &model, &["a"]), Some(expected), "{kind}");
        }
    }

    #[test]
    fn rows_are_reached_through_rows_in_any_order() {
        let payload = "a:\"ten\"\n1:[\"$La\"]\n2:[\"$3\"]\n3:\"x\"\n0:{\"a\":\"$2\",\"b\":\"$1\"}\n";
        let expected = "a:\"ten\"\n1:[\"$La\"]\n0:{\"b\":\"$1\"}\n";
        assert_eq!(pruned(payload, "{\"b\":\"$1\"}", &["a"]).as_deref(), Some(expected));
    }

    #[test]
    fn hints_texts_and_pieces_stay_with_what_they_belong_to() {
        let payload = ":HL[\"/a.css\",\"style\"]\n0:{\"a\":\"$1\",\"b\":\"$r2\",\"c\":\"$3\"}\n1:T4,\"$4\"2:R\n2:\"$5\"\n2:C\n3:T2,ab4:\"four\"\n5:\"five\"\n";
        let expected =
            ":HL[\"/a.css\",\"style\"]\n0:{\"b\":\"$r2\",\"c\":\"$3\"}\n2:R\n2:\"$5\"\n2:C\n3:T2,ab5:\"five\"\n";
        assert_eq!(pruned(payload, "{\"b\":\"$r2\",\"c\":\"$3\"}", &["a"]).as_deref(), Some(expected));
    }

    #[test]
    fn what_refers_into_what_was_removed_keeps_all_of_it() {
        let payload = "0:{\"tree\":{\"node\":{\"x\":1},\"nodes\":1},\"b\":\"$1\"}\n1:[\"$0:tree:node:x\"]\n";
        assert_eq!(pruned(payload, "{\"tree\":{\"nodes\":1},\"b\":\"$1\"}", &["tree:node"]), None);
        // Another place with a like name is another place.
        let beside = payload.replace("node:x", "nodes");
        assert!(pruned(&beside, "{\"tree\":{\"nodes\":1},\"b\":\"$1\"}", &["tree:node"]).is_some());
    }

    #[test]
    fn quotes_in_strings_do_not_hide_references() {
        let found: Vec<u32> =
            references(br#"{"a\\":"$1","b":"\"$2","c\"":"$3","d":"\\","e":"$4"#).map(|(id, _)| id).collect();
        assert_eq!(found, [1, 3]);
        assert_eq!(references(br#"["$Sreact.fragment","$undefined","$","$D2020-01-01T00:00:00.000Z"]"#).count(), 0);
    }

    #[test]
    fn what_is_no_payload_stays_as_it_is() {
        for payload in ["", "0:null", "x:{}\n", "1:{}\n", "0:T9,short"] {
            assert_eq!(pruned(payload, "{}", &["a"]), None, "{payload}");
        }
        assert_eq!(prune(b"0:{}\n", |_| None), None);
    }
}
