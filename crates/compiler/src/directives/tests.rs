#![allow(clippy::unwrap_used, clippy::expect_used)]

use oxc::allocator::Allocator;
use oxc::codegen::Codegen;
use oxc::parser::Parser;
use oxc::span::SourceType;

use super::detect::{distance, misspelt};
use super::*;

fn compile(graph: Graph, file: &str, source: &str) -> Result<(String, ModuleInfo), Vec<Diagnostic>> {
    compile_with(graph, file, source, |context| context)
}

fn compile_with<'a>(
    graph: Graph,
    file: &'a str,
    source: &'a str,
    adjust: impl FnOnce(ModuleContext<'a>) -> ModuleContext<'a>,
) -> Result<(String, ModuleInfo), Vec<Diagnostic>> {
    let allocator = Allocator::default();
    let mut program = Parser::new(&allocator, source, SourceType::tsx()).parse().program;
    let info = transform(&mut program, &allocator, &adjust(ModuleContext::new(file, file, source, graph)))?;
    let code = Codegen::new().build(&program).code;
    let again = Parser::new(&allocator, allocator.alloc_str(&code), SourceType::tsx()).parse();
    assert!(again.diagnostics.is_empty(), "{code}");
    Ok((code, info))
}

fn rsc(source: &str) -> String {
    compile(Graph::Rsc, "app/file.tsx", source).unwrap().0
}

/// What a claim about a few lines needs to see of the output: one line, without indentation.
fn rsc_line(source: &str) -> String {
    hide_ids(&rsc(source).lines().map(str::trim).collect::<Vec<_>>().join(" "))
}

fn hide_ids(code: &str) -> String {
    // An id is a digest: what it stands for is what counts here.
    let is_id = |text: &str| text.len() == 42 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    code.split('"').map(|part| if is_id(part) { "ID" } else { part }).collect::<Vec<_>>().join("\"")
}

fn problem(graph: Graph, source: &str) -> String {
    problem_in(graph, "app/file.tsx", source)
}

fn problem_in(graph: Graph, file: &str, source: &str) -> String {
    render(&compile(graph, file, source).expect_err("the module is refused"))
}

fn render(problems: &[Diagnostic]) -> String {
    let handler = miette::NarratableReportHandler::new();
    problems.iter().fold(String::new(), |mut text, problem| {
        handler.render_report(&mut text, problem).unwrap();
        text
    })
}

#[test]
fn a_client_module_becomes_references_on_the_server() {
    let source = "'use client';\nimport { useState } from 'react';\nexport default function Counter() { return useState(0) }\nexport const a = 1, { b } = {};\nexport type T = 1;\nfunction local() {}\nexport { local as renamed };\n";
    insta::assert_snapshot!(rsc(source));
    let (_, info) = compile(Graph::Rsc, "app/file.tsx", source).unwrap();
    assert_eq!(info.exports, ["default", "a", "b", "renamed"]);
}

#[test]
fn a_client_module_stays_as_it_is_elsewhere() {
    for graph in [Graph::Ssr, Graph::Client] {
        let (code, info) = compile(graph, "app/a.tsx", "\"use client\";\nexport const a = <p/>;").unwrap();
        assert_eq!(code, "export const a = <p />;\n");
        assert_eq!(info.directive, Some(Directive::UseClient));
    }
}

#[test]
fn exports_of_a_server_file_are_registered() {
    insta::assert_snapshot!(rsc(
        "\"use server\";\nimport { db } from './db';\nexport async function save(data: FormData) { await db(data) }\nexport const remove = async (id: string) => db(id);\nexport default async () => {};\nasync function inner() {}\nexport { inner as outer };\nexport { other } from './other';\nexport type X = 1;\n"
    ));
}

#[test]
fn a_server_file_is_a_list_of_calls_in_the_browser() {
    let source = "\"use server\";\nimport fs from 'node:fs';\nexport async function save() { fs }\nexport default async function () {}";
    insta::assert_snapshot!(compile(Graph::Client, "app/actions.ts", source).unwrap().0);
}

#[test]
fn inline_server_functions_are_hoisted_and_bound_to_what_they_capture() {
    insta::assert_snapshot!(rsc(
        "import { db } from './db';\nconst top = 1;\nexport default function Page({ id }: { id: string }) {\n  const secret = id + top;\n  async function save(data: FormData) { 'use server'; const own = 1; await db(data, id, secret, own, top); }\n  return <form action={save}><button formAction={async () => { 'use server'; await db(secret as string) }}/></form>;\n}\n"
    ));
}

#[test]
fn server_functions_at_the_top_of_a_module_stay_where_they_are() {
    insta::assert_snapshot!(rsc(
        "export async function a() { 'use server'; }\nasync function b() { 'use server'; }\nconst c = async () => { 'use server'; };\nexport default function Page() { return [a, b, c] }\n"
    ));
}

#[test]
fn segment_configuration_is_read_without_running_it() {
    let source = "export const dynamic = 'force-dynamic' as const;\nexport const revalidate = 3600;\nexport const dynamicParams = false;\nexport function generateStaticParams() {}\nexport default () => null;";
    let (_, info) = compile(Graph::Rsc, "app/page.tsx", source).unwrap();
    assert_eq!(info.config.dynamic, Some(Dynamic::ForceDynamic));
    assert_eq!(info.config.revalidate, Some(Revalidate::Seconds(3600.0)));
    assert_eq!(info.config.dynamic_params, Some(false));
    assert!(info.config.has_static_params);
}

#[test]
fn what_next_cannot_read_without_running_it_is_refused() {
    for (file, source) in [
        ("app/page.tsx", "export const revalidate = 60 * 60;"),
        ("app/page.tsx", "export const revalidate = 1.5;"),
        ("app/page.tsx", "export const revalidate = Infinity;"),
        ("app/page.tsx", "const x = 60;\nexport const revalidate = x;"),
        ("app/page.tsx", "export const dynamicParams = !1;"),
        ("app/page.tsx", "export const maxDuration = '5';"),
        ("app/page.tsx", "export const runtime = 'experimental-edge';"),
        ("app/page.tsx", "export function dynamic() {}"),
        ("app/page.tsx", "export { dynamic } from './shared';"),
        ("app/page.tsx", "export const unstable_dynamicStaleTime = -1;"),
        ("app/layout.tsx", "export const unstable_dynamicStaleTime = 5;"),
        // Only where pages are rendered in parts.
        ("app/page.tsx", "export const ensureStatic = 'navigation';"),
        ("app/page.tsx", "export const instant = false;"),
    ] {
        let source = format!("{source}\nexport default () => null;");
        assert!(problem_in(Graph::Rsc, file, &source).contains("segment_config"), "{source}");
    }
}

#[test]
fn misuse_is_shown_where_it_is_and_with_what_to_do() {
    let mut all = String::new();
    for (graph, file, source) in [
        (Graph::Rsc, "app/a.tsx", "import { useState, useMemo } from 'react';\nexport default () => useState();"),
        (Graph::Rsc, "app/a.tsx", "import { usePathname } from 'next/navigation';\nexport default usePathname;"),
        (Graph::Rsc, "app/a.tsx", "import x from 'x';\n'use client';\nexport default x;"),
        (Graph::Rsc, "app/a.tsx", "'use client';\n'use server';\nexport default 1;"),
        (Graph::Rsc, "app/a.tsx", "'use sever';\nexport default 1;"),
        (Graph::Rsc, "app/a.tsx", "'use client';\nexport * from './b';"),
        (Graph::Rsc, "app/page.tsx", "'use client';\nexport const metadata = {};\nexport default () => null;"),
        (Graph::Rsc, "app/a.ts", "'use server';\nexport const limit = 1;\nexport function sync() {}"),
        (Graph::Client, "app/a.tsx", "'use client';\nexport const a = async () => { 'use server'; };"),
        (Graph::Rsc, "app/a.tsx", "export default () => { const o = { async save() { 'use server'; } }; return o };"),
        (Graph::Rsc, "app/a.tsx", "(`use client`);\nexport default 1;"),
        (Graph::Rsc, "app/a.tsx", "import React from 'react';\nexport default class A extends React.Component {}"),
        (Graph::Rsc, "app/a.tsx", "import Router from 'next/router';\nexport { createContext } from 'react';"),
        (Graph::Client, "app/a.ts", "import { revalidatePath } from 'next/cache';\nrevalidatePath('/');"),
        (Graph::Rsc, "app/a.tsx", "export default () => async () => { 'use server'; return this; };"),
        (Graph::Rsc, "app/a.tsx", "export default () => async function* () { 'use server'; };"),
        (Graph::Rsc, "app/a.tsx", "export default () => { const save = () => { 'use server'; }; return save };"),
        (Graph::Rsc, "app/a.tsx", "export default () => async () => { go(); 'use server'; };"),
        (Graph::Rsc, "app/a.tsx", "export default () => async () => { 'use sevrer'; };"),
    ] {
        all.push_str(&problem_in(graph, file, source));
        all.push('\n');
    }
    insta::assert_snapshot!(all);
}

#[test]
fn what_is_not_misuse_is_let_through() {
    for source in [
        "import type { useState } from 'react';\nexport default 1;",
        "import { useId, use, cache } from 'react';\nexport default [useId, use, cache];",
        "'use strict';\n'use memo';\nexport default 1;",
        "const text = 'use server'; export default text;",
        "export default () => { 'use strict'; const text = 'use server'; return text; };",
        "// 'use client'\nexport default 1;",
    ] {
        compile(Graph::Rsc, "app/a.tsx", source).unwrap();
    }
    compile(
        Graph::Rsc,
        "node_modules/ui/index.js",
        "import { createContext } from 'react';\nexport default createContext;",
    )
    .unwrap();
    assert!(problem(Graph::Rsc, "import { createContext } from 'react';").contains("createContext"));
}

#[test]
fn members_of_a_module_are_found_as_its_names_are() {
    for source in [
        "import ReactDOM from 'react-dom';\nexport default () => ReactDOM.createPortal(null, x);",
        "import * as dom from 'react-dom';\nexport default () => dom.useFormStatus();",
        "import * as React from 'react';\nexport default () => React.useState();",
        "import * as navigation from 'next/navigation';\nexport default () => navigation.useRouter();",
    ] {
        let said = problem(Graph::Rsc, source);
        assert!(said.contains("vinext::client_only_api"), "{said}");
    }
    for source in [
        "import ReactDOM from 'react-dom';\nexport default () => ReactDOM.preload('/a', { as: 'image' });",
        "import * as React from 'react';\nexport default () => React.use(x);",
        "import * as navigation from 'next/navigation';\nexport default () => navigation.notFound();",
        "import * as other from './react-dom';\nexport default () => other.createPortal();",
    ] {
        compile(Graph::Rsc, "app/a.tsx", source).unwrap();
    }
}

#[test]
fn what_works_on_the_server_only_is_refused_in_client_modules() {
    for (module, name) in [
        ("next/server", "after"),
        ("next/server", "connection"),
        ("next/cache", "cacheLife"),
        ("next/cache", "cacheTag"),
        ("next/cache", "refresh"),
        ("next/cache", "revalidatePath"),
        ("next/cache", "revalidateTag"),
        ("next/cache", "unstable_cacheLife"),
        ("next/cache", "unstable_cacheTag"),
        ("next/cache", "updateTag"),
    ] {
        let source = format!("'use client';\nimport {{ {name} }} from '{module}';\nexport default {name};");
        for graph in [Graph::Ssr, Graph::Client] {
            let said = problem(graph, &source);
            assert!(said.contains(&format!("`{name}` works on the server only")), "{said}");
        }
        compile(Graph::Rsc, "app/a.tsx", &source.replace("'use client';", "")).unwrap();
    }
    // These have a form for browsers.
    for name in ["io", "unstable_cache", "unstable_noStore"] {
        let source = format!("'use client';\nimport {{ {name} }} from 'next/cache';\nexport default {name};");
        compile(Graph::Client, "app/a.tsx", &source).unwrap();
    }
}

#[test]
fn a_directive_that_is_not_the_first_statement_of_its_function_is_reported() {
    for text in ["use server", "use cache", "use cache: remote", "use cache: private"] {
        let late = format!("export default async function Page() {{ await go(); '{text}'; }}");
        let said = problem(Graph::Rsc, &late);
        assert!(said.contains(&format!("\"{text}\" must be the first statement of the function")), "{said}");
        let wrapped = format!("export default async function Page() {{ (`{text}`); }}");
        assert!(problem(Graph::Rsc, &wrapped).contains("must be a plain string"), "{text}");
    }
    for source in [
        "export default async () => { await go(); 'use cached'; };",
        "export default async () => { await go(); 'use caches: none'; };",
        "export default async () => { const text = 'use cache'; return go('use cache', text); };",
        "export default async () => { await go(); return 'use cache'; };",
        "export default async () => { go(), 'use cache'; };",
    ] {
        compile(Graph::Rsc, "app/a.tsx", source).unwrap();
    }
}

#[test]
fn calls_of_dynamic_name_what_they_import_in_the_ssr_graph_alone() {
    let source = "import load from 'next/dynamic';\nconst A = load(() => import('./a'));\nconst B = load(() => import('./b').then((b) => b.B), { loading: null });\nconst C = load(other);\nother(() => import('./d'));";
    let (code, _) = compile(Graph::Ssr, "app/file.tsx", source).unwrap();
    let [a, b] = ["./a", "./b"].map(|specifier| dynamic_id("app/file.tsx", specifier));
    assert!(code.contains(&format!("void 0, [\"{a}\"])")), "{code}");
    assert!(code.contains(&format!("{{ loading: null }}, [\"{b}\"])")), "{code}");
    assert_eq!(code.matches("[\"").count(), 2, "{code}");
    let (code, _) = compile(Graph::Client, "app/file.tsx", source).unwrap();
    assert!(!code.contains(&a), "{code}");
}

#[test]
fn what_is_left_to_the_browser_cannot_be_in_a_server_component() {
    let source =
        "import dynamic from 'next/dynamic';\nexport const A = dynamic(() => import('./a'), { ssr: false as const });";
    let said = problem(Graph::Rsc, source);
    assert!(said.contains("`ssr: false` is not allowed") && said.contains("use client"), "{said}");
    compile(Graph::Ssr, "app/file.tsx", source).unwrap();
    compile(Graph::Rsc, "app/file.tsx", &source.replace("false as const", "true")).unwrap();
}

#[test]
fn letters_that_are_swapped_count_once() {
    assert_eq!(distance("use sever", "use server"), 1);
    assert_eq!(distance("use cleint", "use client"), 1);
    assert_eq!(distance("", "abc"), 3);
    assert_eq!(misspelt("use strict"), None);
    assert_eq!(misspelt("use server"), None);
}

#[test]
fn a_reference_used_above_its_declaration_comes_first_or_after_what_it_captures() {
    let code = rsc_line(
        "export default function Page({ id }) { const a = id; return [save, free]; async function save() { 'use server'; a } async function free() { 'use server'; } }",
    );
    assert!(
        code.contains(
            "{ var free = $$action_1; const a = id; var save = $$action_0$opened.bind(null, $$seal(\"ID\", [a])); return [save, free]; }"
        ),
        "{code}"
    );
}

#[test]
fn a_reference_stays_below_assignments_to_what_it_captures() {
    let code = rsc_line(
        "export default function Page({ id }) { let a; if (id) a = 1; async function save() { 'use server'; a } return save; }",
    );
    assert!(
        code.contains("if (id) a = 1; var save = $$action_0$opened.bind(null, $$seal(\"ID\", [a])); return save;"),
        "{code}"
    );
}

#[test]
fn a_function_in_a_block_is_not_seen_outside() {
    let code = rsc_line("if (globalThis.x) { async function save() { 'use server'; } globalThis.y = save; }");
    assert!(code.contains("{ const save = $$action_0; globalThis.y = save; }"), "{code}");
    assert!(!code.contains("$$register(save"), "{code}");
}

#[test]
fn a_hoisted_function_that_calls_itself_finds_itself() {
    for function in [
        "async function save(n) { 'use server'; save(n - id); } return save;",
        "const save = async (n) => { 'use server'; save(n - id); }; return save;",
        "return async function save(n) { 'use server'; save(n - id); };",
    ] {
        let code = rsc_line(&format!("export default function Page({{ id }}) {{ {function} }}"));
        assert!(
            code.contains(
                "$$action_0(id, n) { const save = $$action_0$opened.bind(null, $$seal(\"ID\", [id])); save(n - id); }"
            ),
            "{function}: {code}"
        );
    }
}

#[test]
fn server_functions_in_server_functions_are_hoisted_too() {
    let code = rsc_line(
        "export default ({ id }) => async (a) => { 'use server'; const b = a; return async () => { 'use server'; return [id, a, b]; }; };",
    );
    assert!(code.contains("export default ({ id }) => $$action_0$opened.bind(null, $$seal(\"ID\", [id]));"), "{code}");
    assert!(
        code.contains(
            "$$action_0(id, a) { const b = a; return $$action_1$opened.bind(null, $$seal(\"ID\", [ id, a, b ])); }"
        ),
        "{code}"
    );
    let code =
        rsc_line("'use server'; export async function make(a) { return async () => { 'use server'; return a; }; }");
    assert!(code.contains("return $$action_0$opened.bind(null, $$seal(\"ID\", [a]));"), "{code}");
    assert!(code.contains("$$register($$action_0$opened,") && code.contains("$$register_export(make,"), "{code}");
}

#[test]
fn an_anonymous_default_export_can_be_a_server_function() {
    let code = rsc_line("export default async function () { 'use server'; }");
    assert!(
        code.contains("export default async function $$default() {} export { $$default as $$action_0 };"),
        "{code}"
    );
}

#[test]
fn strictness_is_kept_and_directives_of_others_too() {
    let (code, _) =
        compile(Graph::Client, "app/a.js", "'use strict';\n'use client';\n'use memo';\nexport const a = 1;").unwrap();
    assert_eq!(code, "\"use strict\";\n\"use memo\";\nexport const a = 1;\n");
}

#[test]
fn a_client_package_in_commonjs_has_references_by_name() {
    for source in [
        "'use client'; Object.defineProperty(exports, '__esModule', { value: true }); exports.A = exports.B = void 0; Object.defineProperty(exports, 'C', { get: () => 1 });",
        "'use client'; 0 && (module.exports = { A, B, C });",
        "'use client'; module.exports.A = module.exports.B = 1; exports.C = 1;",
    ] {
        let (code, info) = compile(Graph::Rsc, "node_modules/ui/index.js", source).unwrap();
        let mut names = info.exports;
        names.sort();
        assert_eq!(names, ["A", "B", "C", "default"], "{source}");
        assert!(code.contains("export default"), "{code}");
    }
}

#[test]
fn exported_types_are_not_values() {
    let source = "'use server'; interface T {} import { type U } from './u'; export { T, U }; export async function f(a: number): Promise<void>; export async function f() {}";
    let (code, info) = compile(Graph::Rsc, "app/a.ts", source).unwrap();
    assert_eq!(info.exports, ["f"]);
    assert_eq!(code.matches("$$register_export(").count(), 1, "{code}");
}

#[test]
fn a_local_that_is_exported_by_name_from_a_server_file_must_be_async() {
    let text = problem(Graph::Rsc, "'use server'; function f() {} export { f as g };");
    assert!(text.contains("can only export async functions"), "{text}");
}

#[test]
fn generated_code_has_no_place_in_the_source() {
    let allocator = Allocator::default();
    for statement in &fragment::statements(&allocator, "const a = () => 'long enough to lie beyond a short file';") {
        assert_eq!(oxc::span::GetSpan::span(statement), Span::default());
    }
}

#[test]
fn configuration_that_cannot_be_read_is_a_mistake_where_it_counts() {
    let source = "export const dynamic = 'sometimes';\nexport const revalidate = -1;\nexport const runtime = pick();\nexport { maxDuration } from './limits';\nexport const metadata = {};\nexport function generateMetadata() {}";
    let problems = compile(Graph::Rsc, "app/page.tsx", source).unwrap_err();
    let messages: Vec<_> = problems.iter().map(|problem| problem.message().to_owned()).collect();
    assert_eq!(
        messages,
        [
            "`dynamic` cannot be used: it must be one of \"auto\", \"force-dynamic\", \"error\", \"force-static\"",
            "`revalidate` cannot be used: it must be `false` or a whole number of seconds, zero or more, written as one number",
            "`runtime` cannot be used: it must be one of \"nodejs\", \"edge\"",
            "`maxDuration` cannot be used: it must be a number of seconds",
            "`metadata` and `generateMetadata` cannot be exported together",
        ]
    );
    compile(Graph::Rsc, "app/lib/limits.ts", source).unwrap();
}

#[test]
fn configuration_may_be_exported_from_a_variable() {
    let source = "export const preferredRegion = ['fra1', 'iad1'];\nconst fetchCache = 'force-cache';\nexport { fetchCache };\nexport const metadata = {};";
    let (_, info) = compile(Graph::Rsc, "app/page.tsx", source).unwrap();
    assert_eq!(info.config.preferred_region, ["fra1", "iad1"]);
    assert_eq!(info.config.fetch_cache.as_deref(), Some("force-cache"));
    assert!(info.config.has_metadata && !info.config.has_generate_metadata);
}

#[test]
fn packages_are_spared_what_only_their_authors_can_change() {
    let source = "import { useState } from 'react';\n'use client';\nexport default useState;";
    let allocator = Allocator::default();
    for (is_package, expected) in [(true, true), (false, false)] {
        let mut program = Parser::new(&allocator, source, SourceType::tsx()).parse().program;
        let context = ModuleContext::new("ui/index.js", "ui/index.js", source, Graph::Rsc).with_package(is_package);
        assert_eq!(transform(&mut program, &allocator, &context).is_ok(), expected);
    }
}

fn cached(source: &str) -> Result<(String, ModuleInfo), Vec<Diagnostic>> {
    let kinds = ["sessions".to_owned()];
    compile_with(Graph::Rsc, "app/a.tsx", source, |context| context.with_caches(Some(&kinds)))
}

#[test]
fn cached_functions_stay_where_they_are_and_have_their_results_kept() {
    let source = "import { db } from './db';\nconst top = 1;\nexport async function price(id: string, { currency = 'EUR' } = {}) { 'use cache'; return db(id, currency, top) }\nexport default async function Page({ params }: { params: Promise<{ id: string }> }) {\n  const { id } = await params;\n  async function Inner({ children }) { 'use cache: remote'; return <p>{id}{children}</p> }\n  const total = async (...all: number[]) => { 'use cache: sessions'; return total(all, id) };\n  return <Inner>{await total(1, 2)}</Inner>;\n}\nclass Store { static async load(key) { 'use cache: private'; return key } }\n";
    let (code, _) = cached(source).unwrap();
    insta::assert_snapshot!(hide_ids(&code));
}

#[test]
fn a_cached_file_keeps_what_its_exports_give() {
    let source = "'use cache';\nexport async function a() { return helper(1) }\nasync function helper(x) { return x }\nexport const b = async (x) => x;\nasync function c() { 'use cache: remote' }\nexport { c as renamed };\nexport default async function () {}\nexport type T = 1;\n";
    let (code, info) = cached(source).unwrap();
    insta::assert_snapshot!(hide_ids(&code));
    assert_eq!(info.directive, Some(Directive::UseCache));
    assert!(info.actions.iter().all(|action| action.is_cached));
}

#[test]
fn a_cached_file_is_a_list_of_calls_in_the_browser() {
    let source = "'use cache';\nexport async function a() { return secret }";
    let (code, _) = compile_with(Graph::Client, "app/a.ts", source, |context| context.with_caches(Some(&[]))).unwrap();
    assert!(code.contains("$$create(") && !code.contains("secret"), "{code}");
}

#[test]
fn a_cached_function_beside_server_functions_is_none_of_the_browser_s() {
    let source = "'use server';\nasync function rate() { 'use cache'; return secret }\nexport async function pay() { return rate() }";
    for graph in [Graph::Ssr, Graph::Client] {
        let (code, _) = compile_with(graph, "app/a.ts", source, |context| context.with_caches(Some(&[]))).unwrap();
        assert!(code.contains("$$create(") && !code.contains("secret"), "{code}");
    }
}

#[test]
fn what_cannot_be_cached_is_refused() {
    for (source, code) in [
        ("export function a() { 'use cache' }", "cached_function_async"),
        ("export async function* a() { 'use cache' }", "cached_function_async"),
        ("export async function a() { 'use cache'; return this }", "cached_function_receiver"),
        ("export async function a() { 'use cache'; return arguments }", "cached_function_receiver"),
        ("class A { async b() { 'use cache' } }", "cached_method"),
        ("'use cache';\nexport const a = 1;", "cache_export"),
        ("'use cache';\nexport class A {}", "cache_export"),
        ("'use cache';\nexport * from './b';", "cache_export"),
        ("export async function a() { 'use cache: nothing' }", "use_cache"),
        ("'use client';\nexport async function a() { 'use cache' }", "cached_function_in_client"),
    ] {
        let problems = cached(source).expect_err(source);
        let text = render(&problems);
        assert!(text.contains(code), "{source}: {text}");
    }
    assert!(problem(Graph::Rsc, "export async function a() { 'use cache' }").contains("cacheComponents"));
    assert!(problem(Graph::Client, "export async function a() { 'use cache' }").contains("cached_function_in_client"));
}
