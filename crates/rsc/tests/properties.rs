//! What holds for every stream, however it is cut.
#![allow(missing_docs, clippy::unwrap_used)]

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use vinext_rsc::embed::{HtmlEmbedder, Nonce, extract_embedded};
use vinext_rsc::row::{Limits, Row, RowReader, RowTag, RowWriter};

/// Bytes in which text, markup and binary data alternate.
fn flight() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<String>().prop_map(String::into_bytes),
        vec(any::<u8>(), 0..100),
        prop::sample::select(vec!["</script>", "<!--", "]]>", "\u{2028}", "é", "\\\"", "\0"])
            .prop_map(|text| text.as_bytes().to_vec()),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Cuts `bytes` at arbitrary places.
fn cut(bytes: &[u8], places: &[usize]) -> Vec<Vec<u8>> {
    let mut places: Vec<usize> = places.iter().map(|place| place % (bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|window| bytes[window[0]..window[1]].to_vec()).collect()
}

fn row() -> impl Strategy<Value = Row> {
    let id = || proptest::option::of(any::<u32>());
    let tagged = |tag: u8, payload: Vec<u8>| (RowTag::new(tag).unwrap(), Bytes::from(payload));
    let binary = (prop::sample::select(b"TAOoUSsLlGgMmVb".to_vec()), vec(any::<u8>(), 0..200));
    let line = (prop::sample::select(b"IHEDWNPXRrxC#".to_vec()), "[^\n]{0,40}");
    let content = prop_oneof![
        binary.prop_map(move |(tag, payload)| tagged(tag, payload)),
        line.prop_map(move |(tag, payload)| tagged(tag, payload.into_bytes())),
        "([{\\[\"0-9tfn-][^\n]{0,40})?".prop_map(|payload| (RowTag::MODEL, Bytes::from(payload))),
    ];
    (id(), content).prop_map(|(id, (tag, payload))| Row { id, tag, payload })
}

proptest! {
    #[test]
    fn what_is_embedded_is_extracted(bytes in flight(), places in vec(any::<usize>(), 0..8)) {
        let mut html = Vec::new();
        let mut embedder = HtmlEmbedder::new(None);
        for chunk in cut(&bytes, &places) {
            embedder.push(&chunk, &mut html);
        }
        embedder.finish(&mut html);
        prop_assert_eq!(extract_embedded(&html).unwrap(), bytes);
    }

    #[test]
    fn scripts_hold_nothing_that_ends_them(bytes in flight(), places in vec(any::<usize>(), 0..8), nonce in "[a-zA-Z0-9+/=_-]{1,20}") {
        let mut html = Vec::new();
        let mut embedder = HtmlEmbedder::new(Some(Nonce::new(nonce.as_str()).unwrap()));
        for chunk in cut(&bytes, &places) {
            embedder.push(&chunk, &mut html);
        }
        embedder.finish(&mut html);
        let html = String::from_utf8(html).unwrap();
        let open = format!("<script nonce=\"{nonce}\">");
        let mut rest = html.as_str();
        while let Some(content) = rest.strip_prefix(&open) {
            let (script, after) = content.split_once("</script>").unwrap();
            prop_assert!(!script.contains(['<', '>', '\u{2028}', '\u{2029}']), "{}", script);
            rest = after;
        }
        prop_assert_eq!(rest, "");
    }

    #[test]
    fn rows_are_read_as_they_were_written(rows in vec(row(), 0..20), places in vec(any::<usize>(), 0..8)) {
        let mut writer = RowWriter::default();
        for row in &rows {
            writer.write(row).unwrap();
        }
        let mut reader = RowReader::new(Limits::default());
        let mut read = Vec::new();
        for chunk in cut(&writer.into_bytes(), &places) {
            reader.push(&chunk);
            while let Some(row) = reader.next_row().unwrap() {
                read.push(row);
            }
        }
        prop_assert_eq!(read, rows);
        prop_assert!(!reader.has_rest());
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in vec(any::<u8>(), 0..400)) {
        let _ = extract_embedded(&bytes);
        let mut reader = RowReader::new(Limits { max_row_bytes: 100, max_rows: 10, max_id_digits: 4 });
        reader.push(&bytes);
        while let Ok(Some(_)) = reader.next_row() {}
    }

    /// Markup and prefixes of rows, so that more than the first check is reached.
    #[test]
    fn nothing_that_looks_like_flight_makes_a_reader_panic(text in "((<script>|</script>|self\\.__next_f\\.push\\(\\[)|[13],\"|\"\\]\\)|\\\\u?|[0-9a-f]{1,9}:|[TAIH#]|[0-9a-f]{0,3},|\n|[{=]){0,40}") {
        let _ = extract_embedded(text.as_bytes());
        let mut reader = RowReader::new(Limits { max_row_bytes: 20, max_rows: 10, max_id_digits: 8 });
        for chunk in text.as_bytes().chunks(3) {
            reader.push(chunk);
            while let Ok(Some(row)) = reader.next_row() {
                prop_assert!(row.payload.len() <= 20);
                let mut writer = RowWriter::default();
                prop_assert!(writer.write(&row).is_ok(), "what is read can be written");
            }
        }
    }

    #[test]
    fn a_nonce_cannot_leave_its_attribute(text in "[a-zA-Z0-9\"'<>& =]{0,12}") {
        let allowed = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'=');
        prop_assert_eq!(Nonce::new(text).is_ok(), allowed);
    }
}
