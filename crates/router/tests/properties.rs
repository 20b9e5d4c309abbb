//! What holds for every input.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use vinext_router::{
    CanonicalPath, DEFAULT_PAGE_EXTENSIONS, Decision, Ingress, Matcher, PathRules, PatternSegment, Pipeline,
    ProxyMatcher, Refusal, RequestHead, Route, RouteGraph, RoutePattern, TrailingSlash, Verdict, scan,
};

/// The model: every pattern is tried on its own, and the best of those that match is the one whose segments are, from the
/// left, static before dynamic before catch-all before optional catch-all.
mod brute_force {
    use super::*;

    pub(super) type Params = BTreeMap<String, String>;

    pub(super) fn find(graph: &RouteGraph, path: &CanonicalPath) -> Option<(String, Params)> {
        let segments: Vec<_> = path.segments().collect();
        graph
            .routes
            .iter()
            .filter_map(|route| Some((ranks(&route.pattern), route.id.to_string(), params(&route.pattern, &segments)?)))
            .min()
            .map(|(_, id, params)| (id, params))
    }

    fn ranks(pattern: &RoutePattern) -> Vec<u8> {
        let rank = |segment| match segment {
            PatternSegment::Static(_) => 0,
            PatternSegment::Dynamic(_) => 1,
            PatternSegment::CatchAll(_) => 2,
            PatternSegment::OptionalCatchAll(_) => 3,
        };
        pattern.segments().map(rank).collect()
    }

    fn params(pattern: &RoutePattern, mut rest: &[&str]) -> Option<Params> {
        let mut params = Params::new();
        for segment in pattern.segments() {
            match (segment, rest.split_first()) {
                (PatternSegment::Static(text), Some((first, after))) if text == *first => rest = after,
                (PatternSegment::Dynamic(name), Some((first, after))) => {
                    params.insert(name.to_owned(), (*first).to_owned());
                    rest = after;
                }
                (PatternSegment::CatchAll(name) | PatternSegment::OptionalCatchAll(name), Some(_)) => {
                    params.insert(name.to_owned(), rest.join("/"));
                    rest = &[];
                }
                (PatternSegment::OptionalCatchAll(_), None) => {}
                _ => return None,
            }
        }
        rest.is_empty().then_some(params)
    }
}

/// Few different segments, so that patterns compete. The parameter's name is its position: no two names at one place.
fn pattern() -> impl Strategy<Value = String> {
    let inner = prop::collection::vec(prop_oneof![4 => "[abc]", 1 => "[a-c]{7,9}", 3 => Just("[]".to_owned())], 0..7);
    let last = prop_oneof![6 => Just(""), 2 => Just("..."), 1 => Just("[...")];
    (inner, last).prop_map(|(inner, last)| {
        let mut pattern = String::new();
        let mut depth = 0;
        for segment in inner {
            pattern.push('/');
            match segment.as_str() {
                "[]" => pattern.push_str(&format!("[p{depth}]")),
                text => pattern.push_str(text),
            }
            depth += 1;
        }
        match last {
            "..." => pattern.push_str(&format!("/[...p{depth}]")),
            "[..." => pattern.push_str(&format!("/[[...p{depth}]]")),
            _ if pattern.is_empty() => pattern.push('/'),
            _ => {}
        }
        pattern
    })
}

fn graph() -> impl Strategy<Value = RouteGraph> {
    prop::collection::btree_set(pattern(), 0..40).prop_map(|patterns| {
        let route = |pattern: String| Route::handler(pattern.clone(), pattern.parse().unwrap(), "route.ts");
        RouteGraph::new("app", patterns.into_iter().map(route).collect())
    })
}

fn path() -> impl Strategy<Value = CanonicalPath> {
    prop::collection::vec(prop_oneof![8 => "[abcd]", 1 => "[a-c]{7,9}", 1 => "\\PC{1,3}"], 0..12)
        .prop_filter_map("a segment", |segments| CanonicalPath::from_segments(segments).ok())
}

/// Folder and file names, well formed and not.
fn app_path() -> impl Strategy<Value = String> {
    let folder = prop_oneof![
        6 => "[abc]",
        3 => "\\[[xy]\\]",
        2 => "\\(g[12]\\)",
        2 => "@s[12]",
        1 => "\\[\\.\\.\\.[xyz]\\]",
        1 => "\\[\\[\\.\\.\\.[xyz]\\]\\]",
        1 => "\\((\\.|\\.\\.|\\.\\.\\.)\\)[abc]",
        1 => "[\\[\\]().@_%a5F…]{1,6}",
        1 => "\\PC{1,4}",
    ];
    let file = prop_oneof![
        6 => Just("page.tsx"), 2 => Just("route.ts"), 2 => Just("default.js"), 1 => Just("layout.tsx"),
        1 => Just("not-found.tsx"), 1 => Just("global-error.tsx"), 1 => Just("other.css"),
    ];
    (prop::collection::vec(folder, 0..5), file).prop_map(|(folders, file)| {
        let mut path = String::from("app");
        for folder in folders {
            path.push('/');
            path.push_str(&folder);
        }
        format!("{path}/{file}")
    })
}

fn rules() -> impl Strategy<Value = PathRules> {
    let slash = prop_oneof![Just(TrailingSlash::Never), Just(TrailingSlash::Always), Just(TrailingSlash::AsSent)];
    let base_path = prop_oneof![Just(""), Just("/a"), Just("/a/b")];
    (base_path, slash).prop_map(|(base_path, slash)| PathRules::new(base_path, slash).unwrap())
}

/// Request targets: what a browser sends, what an attacker sends, and noise.
fn target() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "/([ab.%é\\\\]|/|%2[efEF]|%5[cC]|%61|%25|\\.\\.|_next){0,14}(\\?[ab=&%_rsc]{0,6})?",
        1 => "\\PC{0,30}",
        1 => any::<String>(),
        1 => "https?://(shop|evil)[/?\\\\a]{0,5}",
    ]
}

fn admit(rules: &PathRules, target: &str) -> Result<vinext_router::Admitted, Refusal> {
    let header = |name: &str| (name == "host").then_some(b"shop".as_slice());
    Ingress::new(rules.clone()).admit(&RequestHead { method: "GET", target, header: &header })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("tests/properties.proptest-regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_matcher_agrees_with_brute_force(graph in graph(), paths in prop::collection::vec(path(), 1..20)) {
        let matcher = Matcher::new(&graph);
        for path in &paths {
            let found = matcher.match_path(path).map(|found| {
                let params = found.params();
                let params = params.iter().map(|(name, value)| (name.to_owned(), value.as_str().to_owned()));
                (found.route().id().to_string(), params.collect())
            });
            prop_assert_eq!(found, brute_force::find(&graph, path), "{}", path);
        }
    }

    #[test]
    fn an_owned_match_says_what_the_borrowed_one_says(graph in graph(), path in path()) {
        let matcher = Matcher::new(&graph);
        if let Some(found) = matcher.match_path(&path) {
            let borrowed = serde_json::to_value(found.params()).unwrap();
            let owned = serde_json::to_value(found.into_owned(false)).unwrap();
            prop_assert_eq!(&owned["params"], &borrowed);
            prop_assert_eq!(&owned["pathname"], path.as_str());
            prop_assert_eq!(&owned["variant"], "handler");
        }
    }

    #[test]
    fn a_canonical_path_is_read_as_itself(rules in rules(), target in target()) {
        if let Ok(admitted) = admit(&rules, &target) {
            let path = admitted.path.as_str();
            let parsed = path.parse::<CanonicalPath>();
            prop_assert_eq!(parsed.as_ref(), Ok(&admitted.path));
            prop_assert!(path.starts_with('/') && !path.contains("//") && !path.contains('\\'));
            prop_assert!(path == "/" || !path.ends_with('/'));
            prop_assert!(path.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#".contains(&byte)));
            prop_assert!(admitted.path.segments().all(|segment| segment != "." && segment != ".."));
        }
    }

    #[test]
    fn a_redirect_stays_on_the_host_and_ends(rules in rules(), target in target()) {
        if let Err(Refusal::Redirect(redirect)) = admit(&rules, &target) {
            let location = redirect.location;
            prop_assert!(location.starts_with('/') && !location.starts_with("//"));
            prop_assert!(location.bytes().all(|byte| byte.is_ascii_graphic()), "{:?}", location);
            prop_assert!(admit(&rules, &location).is_ok(), "{} again redirected", location);
            let query = |url: &str| url.split_once('?').map(|(_, query)| query.to_owned());
            if target.is_ascii() {
                prop_assert_eq!(query(&location), query(&target));
            }
        }
    }

    #[test]
    fn all_spellings_of_a_segment_are_one_path(segment in "\\PC{1,6}", escaped in prop::collection::vec(any::<bool>(), 24)) {
        prop_assume!(segment != "." && segment != "..");
        let path = CanonicalPath::from_segments([&segment]).unwrap();
        let mut spelling = String::from("/");
        for (byte, escape) in segment.bytes().zip(escaped.iter().cycle()) {
            if *escape || !byte.is_ascii_alphanumeric() {
                spelling.push_str(&format!("%{byte:02x}"));
            } else {
                spelling.push(char::from(byte));
            }
        }
        prop_assert_eq!(admit(&PathRules::default(), &spelling).unwrap().path, path);
    }

    #[test]
    fn different_segments_are_different_paths(one in prop::collection::vec("\\PC{1,4}", 1..4), other in prop::collection::vec("\\PC{1,4}", 1..4)) {
        if let (Ok(first), Ok(second)) = (CanonicalPath::from_segments(&one), CanonicalPath::from_segments(&other)) {
            prop_assert_eq!(one == other, first == second);
        }
    }

    #[test]
    fn no_request_makes_the_pipeline_panic(
        graph in graph(), rules in rules(), method in any::<String>(), target in target(), value in any::<Vec<u8>>(),
    ) {
        let pipeline = Pipeline::new(&graph, rules);
        let pipeline = pipeline.with_proxy(ProxyMatcher::all());
        let head = RequestHead { method: &method, target: &target, header: &|_| Some(value.as_slice()) };
        let verdict = String::from_utf8(value.clone()).map_or(Verdict::Next, |url| Verdict::Rewrite(format!("http://{url}")));
        let decision = pipeline.decide(&head, |_| verdict.clone());
        if let Decision::Match(found) | Decision::NotFound(found) = decision {
            prop_assert!(serde_json::to_string(&found).is_ok());
        }
    }

    #[test]
    fn a_pattern_prints_as_it_was_read(text in "(/|\\[|\\]|\\.|a|b|…){0,12}") {
        if let Ok(pattern) = text.parse::<RoutePattern>() {
            prop_assert_eq!(pattern.as_str(), &text);
            let printed: String = pattern.segments().map(|segment| format!("/{segment}")).collect();
            prop_assert_eq!(if printed.is_empty() { "/" } else { &printed }, &text);
        }
    }

    #[test]
    fn whatever_a_scan_accepts_is_a_sound_graph(paths in prop::collection::vec(app_path(), 0..9)) {
        let paths = paths.into_iter().chain(["app/layout.tsx".to_owned()]);
        let Ok(graph) = scan(paths, &DEFAULT_PAGE_EXTENSIONS) else { return Ok(()) };
        let json = serde_json::to_string(&graph).unwrap();
        prop_assert_eq!(&serde_json::from_str::<RouteGraph>(&json).unwrap(), &graph);
        let matcher = Matcher::new(&graph);
        for route in graph.routes.iter().filter(|route| !route.id.is_not_found() && route.intercepts.is_none()) {
            if let Some(tree) = route.tree() {
                prop_assert!(tree.page_file().is_some(), "{} shows its page", route.id);
            }
            // Values that no folder is called, one for each parameter: only the route itself can match.
            let values = route.pattern.segments().map(|segment| match segment {
                PatternSegment::Static(text) => text,
                _ => "value",
            });
            let path: String = values.map(|value| format!("/{value}")).collect();
            let path: CanonicalPath = if path.is_empty() { CanonicalPath::root() } else { path.parse().unwrap() };
            let found = matcher.match_path(&path).expect("a route");
            if !route.pattern.segments().any(PatternSegment::is_catch_all) {
                prop_assert_eq!(found.route().id(), &route.id);
            }
        }
    }

    #[test]
    fn the_order_of_paths_does_not_matter(mut paths in prop::collection::vec(app_path(), 0..9)) {
        paths.push("app/layout.tsx".to_owned());
        let text = |paths: &[String]| match scan(paths, &DEFAULT_PAGE_EXTENSIONS) {
            Ok(graph) => serde_json::to_string(&graph).unwrap(),
            Err(errors) => errors.errors().iter().map(|error| format!("{error}\n")).collect(),
        };
        let one = text(&paths);
        paths.reverse();
        prop_assert_eq!(text(&paths), one);
    }

    #[test]
    fn no_list_of_paths_makes_a_scan_panic(paths in prop::collection::vec(prop_oneof![any::<String>(), "app(/\\PC{0,5}){1,4}/page.tsx"], 0..6)) {
        drop(scan(paths, &DEFAULT_PAGE_EXTENSIONS));
    }
}
