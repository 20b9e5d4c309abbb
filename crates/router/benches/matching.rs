//! Matching against `matchit` and `path-tree`, on the same routes and the same paths.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use vinext_router::{CanonicalPath, Matcher, scan};

/// Files of an app with `count` routes: a third of them static, a third dynamic, a third nested below a parameter.
fn files(count: usize) -> Vec<String> {
    let mut files = vec!["app/layout.tsx".to_owned()];
    for index in 0..count {
        let section = index / 50;
        files.push(match index % 3 {
            0 => format!("app/s{section}/page-{index}/page.tsx"),
            1 => format!("app/s{section}/d{index}/[id]/page.tsx"),
            _ => format!("app/s{section}/n{index}/[id]/comments/[comment]/page.tsx"),
        });
    }
    files
}

/// Patterns in the others' syntax, and a path that each answers.
fn patterns(count: usize) -> Vec<(String, String)> {
    (0..count)
        .map(|index| {
            let section = index / 50;
            match index % 3 {
                0 => (format!("/s{section}/page-{index}"), format!("/s{section}/page-{index}")),
                1 => (format!("/s{section}/d{index}/{{id}}"), format!("/s{section}/d{index}/4711")),
                _ => (
                    format!("/s{section}/n{index}/{{id}}/comments/{{comment}}"),
                    format!("/s{section}/n{index}/4711/comments/latest"),
                ),
            }
        })
        .collect()
}

fn matching(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("match");
    for count in [10, 1_000, 100_000] {
        let routes = patterns(count);
        let step = (count / 97).max(1);
        let paths: Vec<&str> = routes.iter().step_by(step).map(|(_, path)| path.as_str()).collect();
        group.throughput(Throughput::Elements(paths.len() as u64));

        let matcher = Matcher::new(&scan(files(count), &["tsx"]).unwrap());
        let canonical: Vec<CanonicalPath> = paths.iter().map(|path| path.parse().unwrap()).collect();
        group.bench_with_input(BenchmarkId::new("vinext-router", count), &canonical, |bencher, paths| {
            bencher.iter(|| {
                for path in paths {
                    black_box(matcher.match_path(path).unwrap());
                }
            });
        });

        let mut matchit = matchit::Router::new();
        let mut tree = path_tree::PathTree::new();
        for (index, (pattern, _)) in routes.iter().enumerate() {
            matchit.insert(pattern, index).unwrap();
            let _ = tree.insert(&pattern.replace('{', ":").replace('}', ""), index);
        }
        group.bench_with_input(BenchmarkId::new("matchit", count), &paths, |bencher, paths| {
            bencher.iter(|| {
                for path in paths {
                    black_box(matchit.at(path).unwrap());
                }
            });
        });
        group.bench_with_input(BenchmarkId::new("path-tree", count), &paths, |bencher, paths| {
            bencher.iter(|| {
                for path in paths {
                    black_box(tree.find(path).unwrap());
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, matching);
criterion_main!(benches);
