//! What a scan finds: routes, trees and patterns, from lists of paths.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};
use vinext_router::{DEFAULT_PAGE_EXTENSIONS, Route, RouteGraph, ScanError, ScanErrors, SegmentTree, scan};

/// Scans paths below `app`, with a root layout.
fn app(paths: &[&str]) -> RouteGraph {
    try_app(paths).unwrap()
}

fn try_app(paths: &[&str]) -> Result<RouteGraph, ScanErrors> {
    let below = paths.iter().map(|path| format!("app/{path}"));
    scan(below.chain(["app/layout.tsx".to_owned()]), &DEFAULT_PAGE_EXTENSIONS)
}

fn ids(graph: &RouteGraph) -> Vec<&str> {
    graph.routes.iter().map(|route| route.id.as_str()).filter(|id| *id != "/_not-found/page").collect()
}

fn patterns(graph: &RouteGraph) -> Vec<&str> {
    let routes = graph.routes.iter().filter(|route| !route.id.is_not_found());
    routes.map(|route| route.pattern.as_str()).collect()
}

/// A tree on one line: `""(layout){children: …}`, slots in order.
fn print(tree: &SegmentTree) -> String {
    let mut text = if tree.segment.is_empty() { "root".to_owned() } else { tree.segment.clone() };
    let slots: Vec<_> = tree.slots.iter().map(|(name, tree)| format!("{name}: {}", print(tree))).collect();
    if !slots.is_empty() {
        text.push_str(&format!("{{{}}}", slots.join(", ")));
    }
    text
}

fn tree_of(graph: &RouteGraph, id: &str) -> String {
    print(graph.route(id).and_then(Route::tree).unwrap_or_else(|| panic!("no page {id}")))
}

#[test]
fn a_route_is_written_as_the_contract_says() {
    let graph = app(&["page.tsx", "not-found.tsx", "blog/[slug]/page.tsx", "api/health/route.ts"]);
    let written: Value = serde_json::to_value(&graph).unwrap();
    assert_eq!(written["appDir"], "app");
    assert_eq!(
        written["routes"][2],
        json!({
            "id": "/blog/[slug]/page", "pattern": "/blog/[slug]", "kind": "page",
            "tree": {
                "segment": "", "files": { "layout": "app/layout.tsx", "notFound": "app/not-found.tsx" },
                "slots": { "children": { "segment": "blog", "files": {}, "slots": { "children": {
                    "segment": "[slug]", "files": {}, "slots": { "children": {
                        "segment": "__PAGE__", "files": { "page": "app/blog/[slug]/page.tsx" }, "slots": {} } } } } } } }
        })
    );
    assert_eq!(
        written["routes"][1],
        json!({ "id": "/api/health/route", "pattern": "/api/health", "kind": "handler", "file": "app/api/health/route.ts" })
    );
    assert_eq!(serde_json::from_value::<RouteGraph>(written).unwrap(), graph);
}

#[test]
fn groups_private_folders_and_underscores_are_read_as_next_reads_them() {
    let graph = app(&[
        "(shop)/cart/page.tsx",
        "(shop)/(deep)/sale/page.tsx",
        "_lib/page.tsx",
        "_lib/deep/route.ts",
        "%5Fvisible/page.tsx",
        "[[...rest]]/page.tsx",
        "docs/[...path]/page.tsx",
        "Üben/page.tsx",
    ]);
    assert_eq!(patterns(&graph), ["/_visible", "/sale", "/cart", "/[[...rest]]", "/docs/[...path]", "/%C3%9Cben"]);
}

#[test]
fn every_boundary_file_is_in_the_tree() {
    let names = ["template", "loading", "error", "not-found", "forbidden", "unauthorized", "global-error"];
    let mut paths: Vec<_> = names.iter().map(|name| format!("{name}.tsx")).collect();
    paths.extend(["page.tsx".to_owned(), "a/global-error.tsx".to_owned(), "a/page.js".to_owned()]);
    let graph = app(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    let tree = serde_json::to_value(graph.route("/a/page").unwrap().tree()).unwrap();
    assert_eq!(
        tree["files"],
        json!({
            "layout": "app/layout.tsx", "template": "app/template.tsx", "loading": "app/loading.tsx",
            "error": "app/error.tsx", "notFound": "app/not-found.tsx", "forbidden": "app/forbidden.tsx",
            "unauthorized": "app/unauthorized.tsx", "globalError": "app/global-error.tsx"
        })
    );
    assert_eq!(tree["slots"]["children"]["files"], json!({}), "global-error counts in the root only");
}

#[test]
fn the_not_found_page_is_the_root_layout_around_the_root_not_found() {
    let tree = |graph: &RouteGraph| serde_json::to_value(graph.route("/_not-found/page").unwrap().tree()).unwrap();
    let with = tree(&app(&["page.tsx", "not-found.tsx"]));
    assert_eq!(with["files"]["layout"], "app/layout.tsx");
    assert_eq!(with["slots"]["children"]["segment"], "/_not-found");
    assert_eq!(with["slots"]["children"]["slots"]["children"]["files"], json!({ "page": "app/not-found.tsx" }));
    let without = tree(&app(&["page.tsx"]));
    assert_eq!(without["slots"]["children"]["slots"]["children"]["files"], json!({}));
    let global = tree(&app(&["page.tsx", "global-not-found.tsx"]));
    assert_eq!(global["files"]["globalNotFound"], "app/global-not-found.tsx");
}

#[test]
fn a_route_that_lists_its_paths_has_no_others() {
    let mut graph = app(&["fall/[slug]/page.tsx", "fall/[...rest]/page.tsx", "docs/[[...path]]/page.tsx"]);
    for route in &mut graph.routes {
        route.listed = match route.pattern.as_str() {
            "/fall/[slug]" => Some(vec!["/fall/one".to_owned()]),
            "/docs/[[...path]]" => Some(vec!["/docs".to_owned(), "/docs/a/b".to_owned()]),
            _ => None,
        };
    }
    let matcher = vinext_router::Matcher::new(&graph);
    let found = |path: &str| {
        let path = path.parse::<vinext_router::CanonicalPath>().unwrap();
        matcher.match_path(&path).map(|found| found.route().id().to_string())
    };
    assert_eq!(found("/fall/one").as_deref(), Some("/fall/[slug]/page"));
    assert_eq!(found("/fall/two").as_deref(), Some("/fall/[...rest]/page"));
    assert_eq!(found("/docs").as_deref(), Some("/docs/[[...path]]/page"));
    assert_eq!(found("/docs/a/b").as_deref(), Some("/docs/[[...path]]/page"));
    assert_eq!(found("/docs/a"), None);
}

#[test]
fn metadata_files_are_routes_and_part_of_every_page_below() {
    let mut graph = app(&[
        "page.tsx",
        "icon.png",
        "(shop)/cart/page.tsx",
        "(shop)/cart/opengraph-image.tsx",
        "(shop)/cart/opengraph-image.alt.txt",
        "products/sitemap.ts",
        "_private/icon.png",
    ]);
    assert_eq!(
        ids(&graph),
        [
            "/(shop)/cart/opengraph-image-1lspd2/route",
            "/(shop)/cart/page",
            "/icon.png/route",
            "/page",
            "/products/sitemap.xml/route"
        ]
    );
    let root = graph.route("/page").unwrap().tree().unwrap();
    assert_eq!(root.metadata[0].url, "/icon.png");
    graph.give_ids("app/products/sitemap.ts".into());
    assert_eq!(
        graph.route("/products/sitemap.xml/route").unwrap().pattern.as_str(),
        "/products/sitemap/[__metadata_id__]"
    );
}

#[test]
fn several_root_layouts_leave_the_not_found_page_bare() {
    let graph = scan(
        ["app/(a)/layout.tsx", "app/(a)/page.tsx", "app/(b)/layout.tsx", "app/(b)/b/page.tsx"],
        &DEFAULT_PAGE_EXTENSIONS,
    )
    .unwrap();
    assert_eq!(ids(&graph), ["/(a)/page", "/(b)/b/page"]);
    assert!(graph.route("/_not-found/page").unwrap().tree().unwrap().files.is_empty());
}

#[test]
fn app_in_the_root_wins_over_src() {
    let graph =
        scan(["app/layout.js", "app/page.js", "src/app/page.tsx", "src/app/b/page.tsx"], &DEFAULT_PAGE_EXTENSIONS)
            .unwrap();
    assert_eq!((graph.app_dir.as_str(), ids(&graph)), ("app", vec!["/page"]));
    let graph = scan(["src/app/layout.tsx", "src/app/page.tsx"], &DEFAULT_PAGE_EXTENSIONS).unwrap();
    assert_eq!(graph.app_dir, "src/app");
    assert_eq!(graph.route("/page").unwrap().file().unwrap(), "src/app/page.tsx");
}

#[test]
fn page_extensions_decide_what_a_page_is_and_which_of_two_wins() {
    let paths = ["app/layout.mdx", "app/page.mdx", "app/page.tsx", "app/a/page.tsx"];
    let graph = scan(paths, &["mdx"]).unwrap();
    assert_eq!(ids(&graph), ["/page"]);
    let graph = scan(paths, &["tsx", "mdx"]).unwrap();
    assert_eq!(graph.route("/page").unwrap().file().unwrap(), "app/page.tsx");
}

#[test]
fn each_slot_has_one_branch() {
    let graph = app(&["page.tsx", "@team/page.tsx", "@team/layout.tsx", "@stats/page.tsx"]);
    assert_eq!(ids(&graph), ["/page"]);
    assert_eq!(
        tree_of(&graph, "/page"),
        "root{children: __PAGE__, stats: (__SLOT__){children: __PAGE__}, team: (__SLOT__){children: __PAGE__}}"
    );
    let team = graph.route("/page").unwrap().tree().unwrap().slot("team").unwrap();
    assert_eq!(serde_json::to_value(&team.files).unwrap(), json!({ "layout": "app/@team/layout.tsx" }));
}

#[test]
fn a_slot_without_a_page_for_the_url_shows_its_default() {
    let graph = app(&["page.tsx", "deep/er/page.tsx", "@team/page.tsx", "@team/default.tsx"]);
    assert_eq!(
        tree_of(&graph, "/deep/er/page"),
        "root{children: deep{children: er{children: __PAGE__}}, team: __DEFAULT__}"
    );
}

#[test]
fn a_catch_all_in_a_slot_matches_before_its_default() {
    let graph = app(&[
        "page.tsx",
        "default.tsx",
        "[user]/a/page.tsx",
        "@modal/[...rest]/page.tsx",
        "@modal/default.tsx",
        "@modal/[user]/[...deeper]/page.tsx",
    ]);
    assert_eq!(tree_of(&graph, "/page"), "root{children: __PAGE__, modal: __DEFAULT__}");
    assert_eq!(
        tree_of(&graph, "/[user]/a/page"),
        "root{children: [user]{children: a{children: __PAGE__}}, \
         modal: (__SLOT__){children: [user]{children: [...deeper]{children: __PAGE__}}}}"
    );
    let route = graph.route("/[user]/a/page").unwrap();
    assert_eq!(serde_json::to_value(&route.slot_params).unwrap(), json!([{ "name": "deeper", "from": 1 }]));
}

#[test]
fn a_page_in_a_slot_only_is_a_route_if_children_has_something_to_show() {
    let with_default = app(&["page.tsx", "default.tsx", "@team/default.tsx", "@team/settings/page.tsx"]);
    assert_eq!(ids(&with_default), ["/@team/settings/page", "/page"]);
    assert_eq!(
        tree_of(&with_default, "/@team/settings/page"),
        "root{children: __DEFAULT__, team: (__SLOT__){children: settings{children: __PAGE__}}}"
    );
    let without = try_app(&["page.tsx", "@team/default.tsx", "@team/settings/page.tsx"]).unwrap_err();
    assert!(matches!(without.errors(), [ScanError::ChildrenWithoutDefault { .. }]), "{without}");
    let catch_all = app(&["[...all]/page.tsx", "@team/default.tsx", "@team/settings/page.tsx"]);
    assert_eq!(
        tree_of(&catch_all, "/@team/settings/page"),
        "root{children: [...all]{children: __PAGE__}, team: (__SLOT__){children: settings{children: __PAGE__}}}"
    );
}

#[test]
fn a_layout_with_slots_only_has_no_children() {
    let graph = app(&["page.tsx", "dash/layout.tsx", "dash/@a/page.tsx", "dash/@b/page.tsx"]);
    assert_eq!(
        tree_of(&graph, "/dash/@a/page"),
        "root{children: dash{a: (__SLOT__){children: __PAGE__}, b: (__SLOT__){children: __PAGE__}}}"
    );
}

#[test]
fn the_children_slot_may_be_written_out() {
    let graph = app(&["@children/a/page.tsx", "@team/a/page.tsx"]);
    assert_eq!(ids(&graph), ["/@children/a/page"]);
    assert_eq!(
        tree_of(&graph, "/@children/a/page"),
        "root{children: (__SLOT__){children: a{children: __PAGE__}}, team: (__SLOT__){children: a{children: __PAGE__}}}"
    );
}

#[test]
fn slots_nest() {
    let graph = app(&["page.tsx", "@a/page.tsx", "@a/@b/page.tsx", "@a/@b/default.tsx", "x/page.tsx", "@a/x/page.tsx"]);
    assert_eq!(
        tree_of(&graph, "/x/page"),
        "root{a: (__SLOT__){b: __DEFAULT__, children: x{children: __PAGE__}}, children: x{children: __PAGE__}}"
    );
}

#[test]
fn interception_is_resolved_against_route_segments() {
    let graph = app(&[
        "page.tsx",
        "feed/page.tsx",
        "feed/(group)/@modal/(.)comments/page.tsx",
        "feed/(group)/@modal/(..)photo/[id]/page.tsx",
        "feed/a/(..)(..)photo/page.tsx",
        "feed/a/b/(...)photo/[id]/page.tsx",
        "feed/(group)/@modal/default.tsx",
        "@top/(.)photo/[id]/page.tsx",
        "@top/default.tsx",
        "photo/[id]/page.tsx",
    ]);
    let found: Vec<_> = graph
        .routes
        .iter()
        .filter_map(|route| {
            let by = route.intercepts.as_ref()?;
            Some(format!("{}: {} {} -> {}", route.id, by.marker, by.from, by.target))
        })
        .collect();
    assert_eq!(
        found,
        [
            "/@top/(.)photo/[id]/page: (.) / -> /photo/[id]",
            "/feed/(group)/@modal/(.)comments/page: (.) /feed -> /feed/comments",
            "/feed/(group)/@modal/(..)photo/[id]/page: (..) /feed -> /photo/[id]",
            "/feed/a/(..)(..)photo/page: (..)(..) /feed/a -> /photo",
            "/feed/a/b/(...)photo/[id]/page: (...) /feed/a/b -> /photo/[id]",
        ]
    );
    assert_eq!(
        tree_of(&graph, "/@top/(.)photo/[id]/page"),
        "root{children: __DEFAULT__, top: (__SLOT__){children: (.)photo{children: [id]{children: __PAGE__}}}}"
    );
    let written = serde_json::to_value(graph.route("/@top/(.)photo/[id]/page").unwrap()).unwrap();
    assert_eq!(written["intercepts"], json!({ "marker": "(.)", "from": "/", "target": "/photo/[id]" }));
}

#[test]
fn a_handler_in_an_intercepting_folder_does_not_take_the_url() {
    let graph = app(&["c/page.tsx", "(...)c/route.ts"]);
    let handler = graph.route("/(...)c/route").unwrap();
    assert!(handler.intercepts.is_some());
}
