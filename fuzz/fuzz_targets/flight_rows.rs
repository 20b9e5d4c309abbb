//! Any stream: the same rows however it is cut, and what was read is written back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vinext_rsc::embed::{HtmlEmbedder, extract_embedded};
use vinext_rsc::row::{Limits, Row, RowError, RowReader, RowWriter};

fn rows(chunks: &[&[u8]]) -> (Vec<Row>, Option<RowError>) {
    let mut reader = RowReader::new(Limits { max_row_bytes: 256, max_rows: 64, ..Limits::default() });
    let mut rows = Vec::new();
    for chunk in chunks {
        reader.push(chunk);
        loop {
            match reader.next_row() {
                Ok(Some(row)) => rows.push(row),
                Ok(None) => break,
                Err(error) => return (rows, Some(error)),
            }
        }
    }
    (rows, None)
}

fuzz_target!(|data: &[u8]| {
    let Some((&cut, stream)) = data.split_first() else { return };
    let (head, tail) = stream.split_at(usize::from(cut).min(stream.len()));
    let whole = rows(&[stream]);
    assert_eq!(whole, rows(&[head, tail]));

    let mut writer = RowWriter::default();
    for row in &whole.0 {
        writer.write(row).expect("what was read can be written");
    }
    assert_eq!(rows(&[&writer.into_bytes()]), (whole.0, None));

    let mut html = Vec::new();
    let mut embedder = HtmlEmbedder::new(None);
    embedder.push(head, &mut html);
    embedder.push(tail, &mut html);
    embedder.finish(&mut html);
    assert_eq!(extract_embedded(&html).expect("what was embedded"), stream);
    let _ = extract_embedded(stream);
});
