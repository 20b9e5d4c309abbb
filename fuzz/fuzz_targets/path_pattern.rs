//! Any pattern of a config route, any destination, any path: compiled or refused, matched or not, and never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vinext_router::{
    CanonicalPath, ConditionDefinition, ConditionKind, ConfigRouteDefinitions, ConfigRoutes, Decision,
    HeaderDefinition, HeaderPair, PathRules, Pipeline, RedirectDefinition, RequestHead, RewriteDefinition,
    RewriteDefinitions, SourceDefinition, Verdict, scan,
};

fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let mut line = || lines.next().unwrap_or_default().to_owned();
    let (pattern, destination, target, value) = (line(), line(), line(), line());
    let has = if value.is_empty() {
        Vec::new()
    } else {
        vec![ConditionDefinition { kind: ConditionKind::Query, key: Some("q".to_owned()), value: Some(value.clone()) }]
    };
    let source = SourceDefinition { source: pattern, base_path: true, has, missing: Vec::new() };
    let all = [
        ConfigRouteDefinitions {
            headers: vec![HeaderDefinition {
                source: source.clone(),
                headers: vec![HeaderPair { key: "x".to_owned(), value: destination.clone() }],
            }],
            ..ConfigRouteDefinitions::default()
        },
        ConfigRouteDefinitions {
            redirects: vec![RedirectDefinition {
                source: source.clone(),
                destination: destination.clone(),
                permanent: Some(true),
                status_code: None,
            }],
            ..ConfigRouteDefinitions::default()
        },
        ConfigRouteDefinitions {
            rewrites: RewriteDefinitions {
                before_files: vec![RewriteDefinition { source, destination }],
                ..RewriteDefinitions::default()
            },
            ..ConfigRouteDefinitions::default()
        },
    ];
    let graph = scan(["app/layout.tsx", "app/page.tsx", "app/[slug]/page.tsx"], &["tsx"]).expect("an app");
    for definitions in all {
        let Ok(routes) = ConfigRoutes::new(&definitions, &CanonicalPath::root()) else { continue };
        let pipeline = Pipeline::new(&graph, PathRules::default()).with_config_routes(routes);
        let head = RequestHead { method: "GET", target: &target, header: &|_| None };
        if let Decision::Redirect(redirect) = pipeline.decide(&head, |_| Verdict::Next) {
            assert!(!redirect.location.bytes().any(|byte| byte.is_ascii_control()), "{redirect:?}");
        }
    }
});
