//! What a scan refuses, and how it says so. Every diagnostic names the files and the way out.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use miette::{GraphicalReportHandler, GraphicalTheme};
use vinext_router::{DEFAULT_PAGE_EXTENSIONS, ScanError, ScanErrors, scan};

fn errors(paths: &[&str]) -> ScanErrors {
    scan(paths, &DEFAULT_PAGE_EXTENSIONS).expect_err("a conflict")
}

/// The diagnostics of paths below `app`, with a root layout, as a terminal shows them.
fn report(paths: &[&str]) -> String {
    let below: Vec<_> = paths.iter().map(|path| format!("app/{path}")).chain(["app/layout.tsx".to_owned()]).collect();
    render(&scan(below, &DEFAULT_PAGE_EXTENSIONS).expect_err("a conflict"))
}

fn render(errors: &ScanErrors) -> String {
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::none()).with_width(100);
    for error in errors.errors() {
        handler.render_report(&mut text, error).unwrap();
    }
    text
}

#[test]
fn page_and_route_at_one_url() {
    insta::assert_snapshot!(report(&["a/page.tsx", "a/route.ts", "(x)/b/page.tsx", "(y)/b/route.ts"]));
}

#[test]
fn two_pages_at_one_url() {
    insta::assert_snapshot!(report(&[
        "(a)/about/page.tsx",
        "(b)/about/page.tsx",
        "about/page.js",
        "(a)/api/route.ts",
        "(b)/api/route.ts",
        "@slot/(c)/x/page.tsx",
        "@slot/x/page.tsx",
        "@slot/default.tsx",
        "x/page.tsx",
    ]));
}

#[test]
fn a_page_in_a_slot_of_one_group_and_a_page_of_another_group_compete() {
    insta::assert_snapshot!(report(&["(a)/@slot/x/page.tsx", "(a)/default.tsx", "(b)/x/page.tsx"]));
}

#[test]
fn different_parameter_names_at_one_position() {
    insta::assert_snapshot!(report(&[
        "blog/[id]/page.tsx",
        "blog/[slug]/edit/page.tsx",
        "docs/[...a]/page.tsx",
        "docs/(g)/[...b]/route.ts",
    ]));
}

#[test]
fn a_parameter_name_twice_on_a_path() {
    insta::assert_snapshot!(report(&["[id]/x/[id]/page.tsx", "u/[my-id]/[myid]/page.tsx"]));
}

#[test]
fn an_optional_catch_all_beside_a_route_of_the_same_urls() {
    insta::assert_snapshot!(report(&[
        "page.tsx",
        "[[...all]]/page.tsx",
        "docs/route.ts",
        "docs/[[...path]]/page.tsx",
        "both/[...a]/page.tsx",
        "both/[[...a]]/page.tsx",
    ]));
}

#[test]
fn a_catch_all_that_is_not_last() {
    insta::assert_snapshot!(report(&["[...path]/edit/page.tsx", "x/[[...path]]/y/route.ts"]));
}

#[test]
fn bad_folder_names() {
    insta::assert_snapshot!(report(&[
        "[]/page.tsx",
        "[...]/page.tsx",
        "[....a]/page.tsx",
        "[.a]/page.tsx",
        "[…a]/page.tsx",
        "[[a]]/page.tsx",
        "[[a]/page.tsx",
        "()/page.tsx",
        "@/page.tsx",
        "(.)/page.tsx",
        "fine/[]/colocated.css",
    ]));
}

#[test]
fn no_root_layout() {
    insta::assert_snapshot!(render(&errors(&[
        "app/page.jsx",
        "app/(a)/a/page.jsx",
        "app/(b)/layout.jsx",
        "app/(b)/b/page.jsx",
        "app/api/route.js",
        "app/@slot/c/page.jsx",
    ])));
}

#[test]
fn a_slot_without_default() {
    insta::assert_snapshot!(report(&["page.tsx", "a/page.tsx", "b/page.tsx", "@team/page.tsx", "@stats/a/page.tsx"]));
}

#[test]
fn an_interception_above_the_root() {
    insta::assert_snapshot!(report(&[
        "page.tsx",
        "@m/default.tsx",
        "@m/(..)photo/page.tsx",
        "a/@m/default.tsx",
        "a/@m/(..)(..)photo/page.tsx",
    ]));
}

#[test]
fn app_and_pages_in_different_folders() {
    insta::assert_snapshot!(render(&errors(&["app/layout.tsx", "app/page.tsx", "src/pages/index.tsx"])));
    let beside = ["src/app/layout.tsx", "src/app/page.tsx", "src/pages/old.tsx"];
    assert!(scan(beside, &DEFAULT_PAGE_EXTENSIONS).is_ok());
}

#[test]
fn app_and_pages_at_one_url() {
    insta::assert_snapshot!(render(&errors(&[
        "app/layout.tsx",
        "app/page.tsx",
        "app/(shop)/cart/page.tsx",
        "app/api/health/route.ts",
        "app/blog/[slug]/page.tsx",
        "app/docs/[...path]/page.tsx",
        "pages/index.tsx",
        "pages/cart/index.jsx",
        "pages/api/health.ts",
        "pages/blog/[slug].tsx",
        "pages/docs/[...path].tsx",
    ])));
}

#[test]
fn parameters_of_app_and_pages_at_one_position_have_one_name() {
    insta::assert_snapshot!(render(&errors(&[
        "app/layout.tsx",
        "app/blog/[slug]/page.tsx",
        "app/docs/page.tsx",
        "app/files/[...path]/page.tsx",
        "pages/blog/[id].tsx",
        "pages/docs/[[...path]].tsx",
        "pages/files/[...name].tsx",
    ])));
}

#[test]
fn what_app_and_pages_may_have_beside_each_other() {
    let scanned = |paths: &[&str]| scan(paths, &DEFAULT_PAGE_EXTENSIONS).unwrap().pages;
    let pages = scanned(&[
        "app/layout.tsx",
        "app/page.tsx",
        "app/old/layout.tsx",
        "app/blog/[slug]/page.tsx",
        "pages/_app.tsx",
        "pages/_document.tsx",
        "pages/404.tsx",
        "pages/old.tsx",
        "pages/api/health.ts",
        "pages/blog/[slug]/edit.tsx",
        "pages/page.css",
    ]);
    assert_eq!(pages, ["pages/api/health.ts", "pages/blog/[slug]/edit.tsx", "pages/old.tsx"]);
    assert!(scanned(&["app/layout.tsx", "app/page.tsx", "pages/_app.tsx"]).is_empty());
    let src = ["src/app/layout.tsx", "src/app/a/page.tsx", "src/pages/b.tsx"];
    assert_eq!(scanned(&src), ["src/pages/b.tsx"]);
}

#[test]
fn no_app_folder() {
    insta::assert_snapshot!(render(&errors(&["package.json", "application/page.tsx"])));
}

#[test]
fn every_conflict_is_reported_not_only_the_first() {
    let errors = errors(&["app/a/page.tsx", "app/a/route.ts", "app/[]/page.tsx", "app/[x]/[x]/page.tsx"]);
    let kinds: Vec<_> = errors
        .errors()
        .iter()
        .map(|error| match error {
            ScanError::PageAndRoute { .. } => "page and route",
            ScanError::BadSegment { .. } => "bad segment",
            ScanError::DuplicateParam { .. } => "duplicate param",
            ScanError::MissingRootLayout { .. } => "no layout",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["bad segment", "page and route", "no layout", "duplicate param"]);
    assert_eq!(errors.to_string(), "4 problems in the app's routes");
}

#[test]
fn conflicting_files_do_not_depend_on_the_order_of_the_paths() {
    let mut paths =
        vec!["app/layout.tsx", "app/(a)/x/page.tsx", "app/(b)/x/page.tsx", "app/[a]/page.tsx", "app/[b]/page.tsx"];
    let one = render(&errors(&paths));
    paths.reverse();
    assert_eq!(render(&errors(&paths)), one);
}
