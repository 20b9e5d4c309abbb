//! Embedding against the obvious way: `serde_json` and a search for `<`.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vinext_rsc::HtmlEmbedder;

fn flight() -> String {
    (0..1000).fold(String::new(), |mut text, id| {
        text.push_str(&format!("{id:x}:[\"$\",\"tr\",\"{id}\",{{\"className\":\"row\",\"children\":[\"$\",\"td\",null,{{\"children\":\"Name <{id}>\"}}]}}]\n"));
        text
    })
}

fn embed(criterion: &mut Criterion) {
    let flight = flight();
    let mut group = criterion.benchmark_group("embed");
    group.throughput(Throughput::Bytes(flight.len() as u64));
    group.bench_function("vinext-rsc", |bencher| {
        bencher.iter(|| {
            let mut out = Vec::with_capacity(flight.len() * 2);
            let mut embedder = HtmlEmbedder::new(None);
            for chunk in flight.as_bytes().chunks(4096) {
                embedder.push(chunk, &mut out);
            }
            embedder.finish(&mut out);
            black_box(out)
        });
    });
    group.bench_function("serde_json", |bencher| {
        bencher.iter(|| {
            let mut out = String::with_capacity(flight.len() * 2);
            for chunk in flight.as_bytes().chunks(4096) {
                let text = String::from_utf8_lossy(chunk);
                let json = serde_json::Value::from(text.as_ref()).to_string().replace('<', "\\u003c");
                out.push_str("<script>self.__next_f.push([1,");
                out.push_str(&json);
                out.push_str("])</script>");
            }
            black_box(out)
        });
    });
    group.finish();
}

criterion_group!(benches, embed);
criterion_main!(benches);
