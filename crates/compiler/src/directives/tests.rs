#![allow(clippy::unwrap_used, clippy::expect_used)]

use oxc::allocator::Allocator;
use oxc::codegen::Codegen;
use oxc::parser::Parser;
use oxc::span::SourceType;

use super::*;

fn compile(graph: Graph, file: &str, source: &str) -> Result<(String, ModuleInfo), Vec<Diagnostic>> {
    let allocator = Allocator::default();
    let mut program = Parser::new(&allocator, source, SourceType::tsx()).parse().program;
    let info = transform(&mut program, &allocator, &ModuleContext::new(file, file, source, graph))?;
    let code = Codegen::new().build(&program).code;
    let again = Parser::new(&allocator, allocator.alloc_str(&code), SourceType::tsx()).parse();
    assert!(again.diagnostics.is_empty(), "{code}");
    Ok((code, info))
}

fn rsc(source: &str) -> String {
    compile(Graph::Rsc, "app/file.tsx", source).unwrap().0
}

fn problem(graph: Graph, source: &str) -> String {
    problem_in(graph, "app/file.tsx", source)
}

fn problem_in(graph: Graph, file: &str, source: &str) -> String {
    let problems = compile(graph, file, source).expect_err("the module is refused");
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
    let source = "export const dynamic = 'force-dynamic' as const;\nexport const revalidate = 60 * 60;\nexport const dynamicParams = false;\nexport function generateStaticParams() {}\nexport default () => null;";
    let (_, info) = compile(Graph::Rsc, "app/page.tsx", source).unwrap();
    assert_eq!(info.config.dynamic, Some(Dynamic::ForceDynamic));
    assert_eq!(info.config.revalidate, Some(Revalidate::Seconds(3600.0)));
    assert_eq!(info.config.dynamic_params, Some(false));
    assert!(info.config.has_static_params);
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
        (Graph::Rsc, "app/a.tsx", "export default () => { const save = () => { 'use server'; }; return save };"),
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
        "// 'use client'\nexport default 1;",
    ] {
        compile(Graph::Rsc, "app/a.tsx", source).unwrap();
    }
    compile(Graph::Rsc, "node_modules/ui/index.js", "import { createContext } from 'react';\nexport default createContext;")
        .unwrap();
    assert!(problem(Graph::Rsc, "import { createContext } from 'react';").contains("createContext"));
}

#[test]
fn letters_that_are_swapped_count_once() {
    assert_eq!(distance("use sever", "use server"), 1);
    assert_eq!(distance("use cleint", "use client"), 1);
    assert_eq!(distance("", "abc"), 3);
    assert_eq!(misspelt("use strict"), None);
}
