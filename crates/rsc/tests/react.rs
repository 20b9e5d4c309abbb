//! What React itself writes is read, and written back byte for byte.
#![allow(missing_docs, clippy::unwrap_used)]

use vinext_rsc::embed::{HtmlEmbedder, extract_embedded};
use vinext_rsc::row::{Limits, RowReader, RowWriter};

/// Made by `renderToPipeableStream` of `react-server-dom-webpack/server.node` 19, in production, from an object with a
/// hint, typed arrays, a date, an async component with a long text, a byte stream, a map and a rejected promise.
const STREAM: &[u8] = include_bytes!("fixtures/react-19.flight");

#[test]
fn rows_of_react_are_read_and_written_back() {
    let mut reader = RowReader::new(Limits::default());
    let mut writer = RowWriter::default();
    let mut tags = String::new();
    for chunk in STREAM.chunks(7) {
        reader.push(chunk);
        while let Some(row) = reader.next_row().unwrap() {
            tags.push(row.tag.character().map_or('.', char::from));
            writer.write(&row).unwrap();
        }
    }
    assert!(!reader.has_rest());
    assert_eq!(writer.into_bytes(), STREAM);
    assert!(
        tags.starts_with('H') && ['o', 'R', '.', 'M', 'T', 'E', 'C'].iter().all(|tag| tags.contains(*tag)),
        "{tags}"
    );
}

#[test]
fn a_stream_of_react_survives_a_document() {
    let mut html = b"<!DOCTYPE html><html><body><p>a</p>".to_vec();
    let mut embedder = HtmlEmbedder::new(None);
    for chunk in STREAM.chunks(7) {
        embedder.push(chunk, &mut html);
    }
    embedder.finish(&mut html);
    html.extend_from_slice(b"</body></html>");
    assert_eq!(extract_embedded(&html).unwrap(), STREAM);
}
