// What the components write during SSR: the same tree that the browser hydrates.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { createElement as h } from "react";
import { renderToPipeableStream } from "react-dom/server";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { AppRoot } from "../client/app-root.tsx";
import { Slot, SlotContent } from "../client/slot.tsx";
import Image from "../next/image.tsx";
import Link from "../next/link.tsx";
import dynamic from "../next/dynamic.ssr.ts";
import { provideScripts } from "../server/ssr-modules.ts";
import * as navigation from "../next/navigation.ts";
import { digestOf } from "../shared/control-flow.ts";
import { dynamic as dynamicSegment, page, segment } from "./trees.ts";
import type { ReactNode } from "react";
import type { SlotProps } from "../client/slot.tsx";
import type { RoutePayload, SegmentPayload } from "../shared/payload.ts";

afterEach(() => {
  globalThis.__vinext = undefined;
});

async function render(node: ReactNode): Promise<{ html: string; digests: string[] }> {
  const digests: string[] = [];
  const sink = new PassThrough();
  const { pipe } = renderToPipeableStream(node, {
    onError(error) {
      digests.push(digestOf(error));
      return digestOf(error);
    },
    onAllReady: () => pipe(sink),
    onShellError: (error) => sink.destroy(error instanceof Error ? error : new Error(String(error))),
  });
  return { html: (await text(sink)).replaceAll("<!-- -->", ""), digests };
}

function app(tree: SegmentPayload, href = "/", prerender = false): ReactNode {
  const payload: RoutePayload = { buildId: "b1", href, tree, head: h("title", null, "T"), staleTime: 0 };
  return h(AppRoot, { payload: Promise.resolve(payload), prerender });
}

/** A root layout with one slot, and a page in it. */
function oneSlot(content: ReactNode, slot: Partial<SlotProps> = {}): SegmentPayload {
  const leaf = { ...page(), node: content };
  const root = h("html", null, h("head"), h("body", null, h(Slot, { name: "children", ...slot })));
  return { ...segment("", undefined, { children: leaf }), node: root };
}

function Where(): ReactNode {
  const query = navigation.useSearchParams();
  return h(
    "code",
    null,
    JSON.stringify([navigation.usePathname(), String(query), navigation.useParams()]).replaceAll('"', "'"),
  );
}

test("hooks read the payload: path without base path, encoded parameters", async () => {
  const leaf = { ...page(), node: h(Where) };
  const slug = dynamicSegment("slug", "a%20b", undefined, { children: leaf });
  slug.node = h(Slot, { name: "children" });
  const tree = oneSlot(null);
  tree.slots["children"] = slug;
  const { html } = await render(app(tree, "/blog/a%20b?x=1&x=2"));
  assert.match(
    html,
    /<code>\[&#x27;\/blog\/a%20b&#x27;,&#x27;x=1&amp;x=2&#x27;,\{&#x27;slug&#x27;:&#x27;a%20b&#x27;\}\]<\/code>/,
  );
  assert.match(html, /<title>T<\/title>/);
});

test("a template wraps the loading interface, which wraps the page", async () => {
  const template = h("main", null, h(SlotContent));
  const { html } = await render(app(oneSlot(h("p", null, "page"), { template, loading: h("i", null, "loading") })));
  assert.match(html, /<main><!--\$--><p>page<\/p><!--\/\$--><\/main>/);
});

test("an empty slot renders nothing", async () => {
  const root = h("html", null, h("body", null, h(Slot, { name: "absent" })));
  const { html } = await render(app({ ...segment("", undefined, {}), node: root }));
  assert.match(html, /<body><\/body>/);
});

test("a layout knows the segments below it", async () => {
  const Segments = (): ReactNode =>
    h("b", null, navigation.useSelectedLayoutSegments().join(">"), "|", navigation.useSelectedLayoutSegment());
  const leaf = { ...page(), node: h(Segments) };
  const inner = segment("b", undefined, { children: leaf });
  inner.node = h(Slot, { name: "children" });
  const outer = segment("a", undefined, { children: inner });
  outer.node = [h(Segments, { key: "s" }), h(Slot, { key: "c", name: "children" })];
  const tree = oneSlot(null);
  tree.slots["children"] = outer;
  const { html } = await render(app(tree));
  assert.deepEqual(html.match(/<b>[^<]*<\/b>/g), ["<b>b|b</b>", "<b>|</b>"]);
});

test("a prerendered page leaves the query to the browser, up to the next loading interface", async () => {
  const { html, digests } = await render(app(oneSlot(h(Where), { loading: h("i", null, "loading") }), "/", true));
  assert.deepEqual(digests, ["BAILOUT_TO_CLIENT_SIDE_RENDERING"]);
  assert.match(html, /<template data-dgst="BAILOUT_TO_CLIENT_SIDE_RENDERING"/);
  assert.match(html, /<i>loading<\/i>/);
});

test("a prerendered page that needs the query without a loading interface cannot be rendered", async () => {
  await assert.rejects(render(app(oneSlot(h(Where)), "/", true)), /useSearchParams/);
});

test("dynamic names the scripts of what it renders", async () => {
  provideScripts("part", ["/part.js"]);
  const Part = dynamic(async () => ({ default: () => h("b", null, "here") }), undefined, ["part", "unknown"]);
  const Hidden = dynamic(async () => ({ default: () => h("b", null, "there") }), { ssr: false }, ["hidden"]);
  provideScripts("hidden", ["/hidden.js"]);
  const { html } = await render(h("html", null, h("head"), h("body", null, h(Part), h(Hidden))));
  assert.match(html, /<link rel="modulepreload" href="\/part.js"/);
  assert.doesNotMatch(html, /hidden\.js/);
});

test("dynamic renders on the server, and with ssr: false in the browser only", async () => {
  const loader = () => Promise.resolve({ default: () => h("em", null, "loaded") });
  const Both = dynamic(loader);
  const Browser = dynamic(loader, { ssr: false, loading: () => h("i", null, "wait") });
  const { html, digests } = await render(app(oneSlot([h(Both, { key: 1 }), h(Browser, { key: 2 })])));
  assert.match(html, /<em>loaded<\/em>/);
  assert.equal(html.match(/loaded/g)?.length, 1);
  assert.match(html, /<i>wait<\/i>/);
  assert.deepEqual(digests, ["BAILOUT_TO_CLIENT_SIDE_RENDERING"]);
});

test("a link is written with base path and trailing slash, and passes attributes on", async () => {
  globalThis.__vinext = { basePath: "/docs", trailingSlash: true, keepSlashes: false, strict: false };
  const links = [
    h(Link, { key: 1, href: "/a?x=1#y", className: "c", prefetch: true, replace: true, scroll: false }, "a"),
    h(Link, { key: 2, href: { pathname: "/b", query: { q: "1" } }, "aria-label": "b" }),
    h(Link, { key: 3, href: "https://example.org/x" }),
    h(Link, { key: 4, href: "/c", as: "/d" }),
    h(Link, { key: 5, href: "#top" }),
  ];
  const { html } = await render(app(oneSlot(links)));
  assert.deepEqual(html.match(/<a .*?>/g), [
    '<a class="c" href="/docs/a/?x=1#y">',
    '<a aria-label="b" href="/docs/b/?q=1">',
    '<a href="https://example.org/x">',
    '<a href="/docs/d/">',
    '<a href="#top">',
  ]);
});

test("the router cannot be used during SSR, but may be read", async () => {
  const Reads = (): ReactNode => h("u", null, typeof navigation.useRouter().push);
  const { html } = await render(app(oneSlot(h(Reads))));
  assert.match(html, /<u>function<\/u>/);
  const Pushes = (): ReactNode => {
    navigation.useRouter().push("/");
    return null;
  };
  await assert.rejects(render(app(oneSlot(h(Pushes)))), /for effects and event handlers/);
});

test("the query that hooks return is read-only", () => {
  const params = new navigation.ReadonlyURLSearchParams("a=1&a=2");
  assert.deepEqual(params.getAll("a"), ["1", "2"]);
  for (const change of [
    () => params.append("b", "1"),
    () => params.delete("a"),
    () => params.set("a", "1"),
    () => params.sort(),
  ]) {
    assert.throws(change, /ReadonlyURLSearchParams/);
  }
});

test("an image reserves its space and comes late unless it has priority", async () => {
  const { html } = await render(
    app(
      oneSlot([
        h(Image, { key: 1, src: "/a.png", alt: "A", width: 10, height: "20" }),
        h(Image, { key: 2, src: { src: "/b.png", width: 3, height: 4 }, alt: "", priority: true }),
        h(Image, { key: 3, src: "/c.png", alt: "", fill: true }),
      ]),
    ),
  );
  const [first, second, third] = html.match(/<img .*?>/g) ?? [];
  assert.match(
    first ?? "",
    /alt="A" loading="lazy" width="10" height="20" decoding="async" data-nimg="1" style="color:transparent" src="\/a\.png"/,
  );
  assert.match(second ?? "", /width="3" height="4"/);
  assert.doesNotMatch(second ?? "", /loading=/);
  assert.match(third ?? "", /data-nimg="fill"/);
  assert.match(html, /<link rel="preload"[^>]*href="\/b\.png"|<link rel="preload" as="image" href="\/b\.png"/);
  assert.throws(() => Image({ src: "/d.png", alt: "" }), /needs `width` and `height`/);
});
