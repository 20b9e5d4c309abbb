//! What holds for every stream, however it is cut.
#![allow(missing_docs, clippy::unwrap_used)]

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use vinext_rsc::embed::{HtmlEmbedder, extract_embedded};
use vinext_rsc::row::{Limits, Row, RowReader, RowWriter, Tag};

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
    let binary = (any::<u32>(), prop::sample::select(b"TAOoUSsLlGgMmVb".to_vec()), vec(any::<u8>(), 0..200))
        .prop_map(|(id, tag, payload)| Row { id, tag: Tag::new(tag), payload: Bytes::from(payload) });
    let line = (any::<u32>(), prop::sample::select(b"IHEDWNPXRrxC".to_vec()), "[^\n]{0,40}")
        .prop_map(|(id, tag, payload)| Row { id, tag: Tag::new(tag), payload: Bytes::from(payload) });
    let model = (any::<u32>(), "[{\\[\"0-9][^\n]{0,40}").prop_map(|(id, payload)| Row {
        id,
        tag: None,
        payload: Bytes::from(payload),
    });
    prop_oneof![binary, line, model]
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
    fn scripts_hold_nothing_that_ends_them(bytes in flight(), places in vec(any::<usize>(), 0..8)) {
        let mut html = Vec::new();
        let mut embedder = HtmlEmbedder::new(None);
        for chunk in cut(&bytes, &places) {
            embedder.push(&chunk, &mut html);
        }
        embedder.finish(&mut html);
        let html = String::from_utf8(html).unwrap();
        let mut rest = html.as_str();
        while let Some(content) = rest.strip_prefix("<script>") {
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
            writer.write(row);
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
        let mut reader = RowReader::new(Limits { row_bytes: 100, rows: 10 });
        reader.push(&bytes);
        while let Ok(Some(_)) = reader.next_row() {}
    }
}
