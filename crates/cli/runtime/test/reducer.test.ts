import assert from "node:assert/strict";
import { test } from "node:test";
import { initialState, nearest, reduce, withLatest } from "../client/router/reducer.ts";
import { BYTES_LIMIT, CACHE_LIMIT } from "../client/router/state.ts";
import { withoutHash } from "../shared/href.ts";
import { random } from "./random.ts";
import { dynamic, page, payload, segment, segments } from "./trees.ts";
import type { Action } from "../client/router/reducer.ts";
import type { RouterState } from "../client/router/state.ts";
import type { RoutePayload, SegmentPayload } from "../shared/payload.ts";

const start = (path = "/"): RouterState => initialState(payload(withoutHash(path), "document"), path, "k0");

const prefetched = (state: RouterState, path: string, seconds = 300): RouterState =>
  reduce(state, { type: "store", href: path, payload: payload(path, "prefetch"), seconds, now: 0 });

function navigate(
  state: RouterState,
  href: string,
  more: Partial<Extract<Action, { type: "navigate" }>> = {},
): RouterState {
  return reduce(state, { type: "navigate", id: 1, href, key: "k1", replace: false, scroll: true, now: 0, ...more });
}

function arrive(state: RouterState, href: string, more: Partial<Extract<Action, { type: "patch" }>> = {}): RouterState {
  return reduce(state, { type: "patch", id: 1, href, payload: payload(href, "server"), ...more });
}

const pageNode = (state: RouterState) => segments(state.view.tree).at(-1)?.node;

test("a navigation keeps the view until the payload is here", () => {
  const before = start();
  const asked = navigate(before, "/a");
  assert.strictEqual(asked.view, before.view);
  assert.deepEqual(asked.pending, {
    id: 1,
    href: "/a",
    key: "k1",
    mode: "navigate",
    history: "push",
    scroll: "target",
    from: "/",
  });
  const after = arrive(asked, "/a");
  assert.equal(after.pending, null);
  assert.equal(after.view.href, "/a");
  assert.equal(after.view.key, "k1");
  assert.equal(after.view.history, "push");
  assert.equal(after.view.scroll, "target");
  assert.equal(pageNode(after), "page /a by server");
  assert.equal(after.view.head, "head /a by server");
});

test("replace keeps the history entry's key", () => {
  const after = arrive(navigate(start(), "/a", { replace: true, scroll: false }), "/a");
  assert.equal(after.view.key, "k0");
  assert.equal(after.view.history, "replace");
  assert.equal(after.view.scroll, "none");
});

test("the latest navigation wins, whatever arrives first", () => {
  const asked = navigate(navigate(start(), "/a", { id: 1 }), "/b", { id: 2, key: "k2" });
  const late = arrive(arrive(asked, "/b", { id: 2 }), "/a", { id: 1 });
  const early = arrive(arrive(asked, "/a", { id: 1 }), "/b", { id: 2 });
  for (const state of [late, early]) {
    assert.equal(state.view.href, "/b");
    assert.equal(pageNode(state), "page /b by server");
    assert.equal(state.pending, null);
  }
});

test("a redirect shows the address where it ended", () => {
  const after = arrive(navigate(start(), "/old"), "/new");
  assert.equal(after.view.href, "/new");
  assert.equal(after.view.history, "push");
});

test("a redirect while going back rewrites the entry", () => {
  const asked = reduce(start(), { type: "restore", id: 1, href: "/old", key: "gone", now: 0 });
  assert.equal(arrive(asked, "/new").view.history, "replace");
  assert.equal(arrive(asked, "/old").view.history, "none");
});

test("a fragment of the same page needs no payload", () => {
  const before = start("/a?x=1");
  const after = navigate(before, "/a?x=1#part");
  assert.equal(after.pending, null);
  assert.equal(after.view.href, "/a?x=1#part");
  assert.equal(after.view.history, "push");
  assert.equal(after.view.scroll, "target");
  assert.strictEqual(after.view.tree, before.view.tree);
});

test("a fragment of another page or another query does need one", () => {
  assert.equal(navigate(start("/a"), "/b#part").pending?.href, "/b#part");
  assert.equal(navigate(start("/a"), "/a?x=1#part").pending?.href, "/a?x=1#part");
});

test("following a link to the page that is shown asks again and adds no history entry", () => {
  const asked = navigate(start("/a"), "/a");
  assert.equal(asked.pending?.history, "replace");
  assert.equal(asked.pending?.key, "k0");
});

test("leaving a fragment for the same page adds a history entry", () => {
  const asked = navigate(navigate(start("/a"), "/a#part"), "/a", { key: "k2" });
  assert.equal(asked.pending?.history, "push");
  assert.equal(asked.pending?.key, "k2");
});

test("a prefetched payload is shown again at once until it is stale", () => {
  const visited = navigate(prefetched(start(), "/a"), "/a");
  const away = arrive(navigate(visited, "/b", { key: "k2" }), "/b");
  const back = navigate(away, "/a#x", { key: "k3", now: 299_999 });
  assert.equal(back.pending, null);
  assert.equal(back.view.href, "/a#x");
  assert.equal(pageNode(back), "page /a by prefetch");
  assert.equal(navigate(away, "/a", { key: "k3", now: 300_000 }).pending?.href, "/a");
});

test("what was asked for, the document included, is asked for each time", () => {
  const away = arrive(navigate(arrive(navigate(start(), "/a"), "/a"), "/b", { key: "k2" }), "/b");
  assert.equal(navigate(away, "/a", { key: "k3" }).pending?.href, "/a");
  assert.equal(navigate(away, "/", { key: "k3" }).pending?.href, "/");
});

test("the query is part of what a payload is stored under", () => {
  assert.equal(navigate(prefetched(start(), "/a?x=1"), "/a?x=2", { key: "k2" }).pending?.href, "/a?x=2");
});

test("a page that is the same for everybody is so for every query, but what came for a query is not for another", () => {
  const known = (at: string, more: Partial<RoutePayload>) =>
    reduce(start(), { type: "store", href: at, payload: { ...payload(at, "prefetch"), ...more }, seconds: 300, now: 0 });
  const fixed = navigate(known("/a", { staleTime: 300 }), "/a?x=1");
  assert.equal(fixed.pending, null);
  assert.equal(fixed.view.href, "/a?x=1");
  assert.equal(navigate(known("/a?x=1", { staleTime: 300 }), "/a").pending?.href, "/a");
  assert.equal(navigate(known("/a", { staleTime: 0 }), "/a?x=1").pending?.href, "/a?x=1");
  assert.equal(navigate(known("/a", { staleTime: 300, shell: true }), "/a?x=1").pending?.href, "/a?x=1");
});

test("a prefetched payload is shown at once", () => {
  const known = reduce(start(), { type: "store", href: "/a", payload: payload("/a", "prefetch"), seconds: 30, now: 0 });
  assert.equal(known.view.href, "/");
  const after = navigate(known, "/a", { now: 29_999 });
  assert.equal(after.pending, null);
  assert.equal(pageNode(after), "page /a by prefetch");
});

test("going back shows the view of the history entry at once", () => {
  const before = start();
  const away = arrive(navigate(before, "/a"), "/a");
  const back = reduce(away, { type: "restore", id: 2, href: "/", key: "k0", now: 0 });
  assert.equal(back.pending, null);
  assert.strictEqual(back.view.tree, before.view.tree);
  assert.equal(back.view.history, "none");
  assert.equal(back.view.scroll, "none");
});

test("going back to an entry that is not known asks for its page", () => {
  const back = reduce(start(), { type: "restore", id: 2, href: "/far", key: "far", now: 0 });
  assert.deepEqual(back.pending, {
    id: 2,
    href: "/far",
    key: "far",
    mode: "navigate",
    history: "none",
    scroll: "restore",
    kept: [],
  });
});

test("going back over a load, an entry says where it was opened and what its slots showed", () => {
  const none: SegmentPayload = { segment: "__DEFAULT__", key: "__DEFAULT__", node: null, slots: {} };
  const shown = (at: string, who: string, modal: SegmentPayload): RoutePayload => ({ ...payload(at, who), tree: segment("", `layout by ${who}`, { children: page(`page ${at}`), modal }) });
  const team = segment("team", "team", { children: page("members") });
  const loaded = initialState(shown("/about", "document", segment("other", "other", { children: page() })), "/about", "k9");
  const back = reduce(loaded, { type: "restore", id: 2, href: "/members", key: "k1", from: "/", kept: ["/team"], now: 0 });
  assert.equal(back.pending?.from, "/");
  assert.deepEqual(back.pending?.kept, ["/team"]);
  const there = arrive(back, "/members", { id: 2, payload: shown("/members", "server", none), kept: new Map([["/team", shown("/team", "server", team).tree]]) });
  assert.equal(there.view.tree.slots["modal"]?.segment, "team");
  assert.equal(there.view.tree.slots["modal"]?.href, "/team");
  // Nothing was kept: the slot has its default again.
  const plain = reduce(loaded, { type: "restore", id: 2, href: "/members", key: "k1", now: 0 });
  assert.equal(arrive(plain, "/members", { id: 2, payload: shown("/members", "server", none) }).view.tree.slots["modal"]?.segment, "__DEFAULT__");
});

test("going back during a navigation gives the navigation up", () => {
  const away = arrive(navigate(start(), "/a"), "/a");
  const back = reduce(navigate(away, "/b", { id: 2, key: "k2" }), {
    type: "restore",
    id: 3,
    href: "/",
    key: "k0",
    now: 0,
  });
  assert.equal(back.pending, null);
  assert.equal(arrive(back, "/b", { id: 2 }).view.href, "/");
});

test("a refresh takes all layouts anew and forgets what was kept", () => {
  const away = arrive(navigate(prefetched(start(), "/"), "/a"), "/a");
  const asked = reduce(reduce(away, { type: "written", view: away.view }), { type: "refresh", id: 2 });
  assert.equal(asked.pending?.href, "/a");
  assert.equal(asked.pending?.history, "none");
  const after = arrive(asked, "/a", { id: 2, payload: payload("/a", "refresh") });
  assert.ok(segments(after.view.tree).every((part) => String(part.node).endsWith("by refresh")));
  assert.equal(navigate(after, "/", { id: 3, key: "k3" }).pending?.href, "/");
  assert.equal(reduce(after, { type: "restore", id: 3, href: "/", key: "k0", now: 0 }).pending?.href, "/");
});

test("a refresh during a navigation refreshes its target", () => {
  const asked = reduce(navigate(start(), "/a"), { type: "refresh", id: 2 });
  assert.equal(asked.pending?.href, "/a");
  assert.equal(asked.pending?.history, "push");
  assert.equal(arrive(asked, "/a", { id: 2 }).view.key, "k1");
});

test("a refresh right after a push still writes the push", () => {
  const known = reduce(start(), { type: "store", href: "/a", payload: payload("/a", "prefetch"), seconds: 30, now: 0 });
  const pushed = navigate(known, "/a");
  const unwritten = reduce(pushed, { type: "refresh", id: 2 });
  assert.equal(unwritten.pending?.history, "push");
  assert.equal(unwritten.pending?.scroll, "target");
  const written = reduce(reduce(pushed, { type: "written", view: pushed.view }), { type: "refresh", id: 2 });
  assert.equal(written.pending?.history, "none");
});

test("to replace a page that was pushed but not written yet is to push", () => {
  const known = reduce(start(), { type: "store", href: "/a", payload: payload("/a", "prefetch"), seconds: 30, now: 0 });
  const pushed = navigate(known, "/a");
  assert.equal(navigate(pushed, "/b", { id: 2, replace: true }).pending?.history, "push");
  const written = reduce(pushed, { type: "written", view: pushed.view });
  assert.equal(navigate(written, "/b", { id: 2, replace: true }).pending?.history, "replace");
});

test("a change of the address during a navigation or a refresh stops neither", () => {
  const going = reduce(navigate(start("/a"), "/b"), { type: "shallow", href: "/a?x=1", key: "k9" });
  assert.equal(going.view.href, "/a?x=1");
  assert.equal(arrive(going, "/b").view.href, "/b");
  const asked = reduce(start("/a"), { type: "refresh", id: 1 });
  const after = arrive(reduce(asked, { type: "shallow", href: "/a?x=1", key: "k9" }), "/a");
  assert.equal(after.view.href, "/a?x=1");
  assert.equal(after.view.key, "k9");
  assert.equal(after.pending, null);
});

test("a navigation after one that had to leave is a navigation like any other", () => {
  const left = reduce(navigate(start(), "/file.pdf"), { type: "fail", id: 1, href: "/file.pdf" });
  const asked = navigate(left, "/a", { id: 2 });
  assert.equal(asked.leave, null);
  assert.equal(arrive(asked, "/a", { id: 2 }).leave, null);
});

test("another build can only be shown by loading the document", () => {
  const foreign = payload("/a", "server", 300, "b2");
  const after = arrive(navigate(start(), "/a"), "/a", { payload: foreign });
  assert.equal(after.leave, "/a");
  assert.equal(after.view.href, "/");
  assert.equal(reduce(start(), { type: "store", href: "/a", payload: foreign, seconds: 300, now: 0 }).cache.size, 0);
});

test("a payload with holes can only be shown by loading the document", () => {
  const holed = { ...payload("/a", "server"), tree: segment("other", undefined, { children: page() }) };
  assert.equal(arrive(navigate(start(), "/a"), "/a", { payload: holed }).leave, "/a");
});

const below = (root: string, path: string, value?: string): RoutePayload => {
  const { tree, ...rest } = payload(path, "server");
  const { root: _root, ...first } = tree;
  const marked = value === undefined ? segment(root, "layout", { children: page() }) : dynamic(root, value, "layout", { children: page() });
  return { ...rest, tree: { ...first, slots: { children: { ...marked, root: true } } } };
};

test("under another root layout is another document, asked for or fetched in advance", () => {
  const shop = initialState(below("(shop)", "/"), "/", "k0");
  assert.equal(arrive(navigate(shop, "/posts"), "/posts", { payload: below("(blog)", "/posts") }).leave, "/posts");
  assert.equal(arrive(navigate(shop, "/cart"), "/cart", { payload: below("(shop)", "/cart") }).leave, null);
  const ahead = reduce(shop, { type: "store", href: "/posts", payload: below("(blog)", "/posts"), seconds: 300, now: 0 });
  const left = navigate(ahead, "/posts");
  assert.equal(left.leave, "/posts");
  assert.strictEqual(left.view, shop.view);
  assert.equal(left.pending, null);
  const shell = reduce(shop, { type: "store", href: "/posts", payload: { ...below("(blog)", "/posts"), shell: true }, seconds: 300, now: 0 });
  assert.equal(navigate(shell, "/posts").leave, "/posts");
  // A page without any, and one below the place where another has it.
  assert.equal(arrive(navigate(shop, "/x"), "/x", { payload: payload("/x", "server") }).leave, "/x");
});

test("a root layout with other parameters is the same", () => {
  const english = initialState(below("lang", "/en", "en"), "/en", "k0");
  const after = arrive(navigate(english, "/de"), "/de", { payload: below("lang", "/de", "de") });
  assert.equal(after.leave, null);
  assert.equal(after.view.href, "/de");
});

test("a failure of the awaited request leaves, an overtaken one does not", () => {
  const asked = navigate(start(), "/a");
  assert.equal(reduce(asked, { type: "fail", id: 1, href: "/a" }).leave, "/a");
  assert.equal(reduce(navigate(asked, "/b", { id: 2 }), { type: "fail", id: 1, href: "/a" }).leave, null);
});

test("the app's own pushState changes the address and nothing else", () => {
  const before = start("/a");
  const after = reduce(before, { type: "shallow", href: "/a?tab=2", key: "k9" });
  assert.equal(after.view.href, "/a?tab=2");
  assert.equal(after.view.history, "none");
  assert.strictEqual(after.view.tree, before.view.tree);
  assert.equal(after.visited.get("k9")?.href, "/a?tab=2");
});

test("the oldest goes when there are too many", () => {
  let map: ReadonlyMap<string, number> = new Map();
  for (let i = 0; i < 5; i++) map = withLatest(map, `${i % 4}`, i, 3);
  assert.deepEqual(
    [...map],
    [
      ["2", 2],
      ["3", 3],
      ["0", 4],
    ],
  );
});

test("any sequence of events: laws that hold for all", () => {
  const paths = ["/", "/a", "/a/b", "/a/b?x=1", "/c", "/c#top"] as const;
  for (let seed = 0; seed < 400; seed++) {
    const from = random(seed);
    let now = 0;
    let state = start(from.pick(paths));
    const asked = new Map<number, string>();
    for (let id = 1; id < 60; id++) {
      now += from.below(60_000);
      const href = from.pick(paths);
      const key = `k${from.below(12)}`;
      const done = 1 + from.below(id);
      const built = from.below(40) === 0 ? "b2" : "b1";
      const answered = asked.get(done) ?? href;
      const action = from.pick<() => Action>([
        () => ({ type: "navigate", id, href, key: `n${id}`, replace: from.below(2) === 0, scroll: true, now }),
        () => ({ type: "restore", id, href, key, now }),
        () => ({ type: "refresh", id }),
        () => ({
          type: "patch",
          id: done,
          href: answered,
          payload: payload(withoutHash(answered), `s${id}`, 0, built),
        }),
        () => ({ type: "fail", id: done, href: answered }),
        () => ({
          type: "store",
          href: withoutHash(href),
          payload: payload(withoutHash(href), `p${id}`, 300),
          seconds: 300,
          now,
        }),
        () => ({ type: "written", view: state.view }),
        () => ({ type: "shallow", href: withoutHash(state.view.href) + "#s", key: state.view.key }),
      ])();
      const before = state;
      const frozen = JSON.stringify([before.view, before.pending, [...before.cache], [...before.visited.keys()]]);
      state = reduce(before, action);
      const say = `seed ${seed}, step ${id}: ${JSON.stringify(action)}`;
      assert.equal(
        JSON.stringify([before.view, before.pending, [...before.cache], [...before.visited.keys()]]),
        frozen,
        say,
      );

      if (state.pending?.id === id) asked.set(id, state.pending.href);
      // What is shown always belongs to the address that is shown, and the history knows it.
      assert.equal(pageNode(state)?.toString().split(" ")[1], withoutHash(state.view.href).split("?")[0], say);
      if (state.view !== before.view) assert.strictEqual(state.visited.get(state.view.key), state.view, say);
      // Only the request that is waited for changes the view.
      if (action.type === "patch" && before.pending?.id !== action.id) assert.strictEqual(state.view, before.view, say);
      if (action.type === "store") assert.strictEqual(state.view, before.view, say);
      if (action.type === "fail") assert.strictEqual(state.view, before.view, say);
      // Nothing waits for an address and is shown at the same time.
      if (state.view !== before.view && action.type !== "shallow") assert.equal(state.pending, null, say);
      assert.ok(state.cache.size <= CACHE_LIMIT && state.visited.size <= CACHE_LIMIT, say);
      if (state.leave !== null) break;
    }
  }
});

const shellOf = (path: string): RoutePayload => {
  const whole = payload(path, "shell", 300);
  const [root, ...rest] = segments(whole.tree);
  assert.ok(root && rest.length > 0);
  return { ...whole, shell: true, tree: cut(whole.tree) };
};

/** The layouts of a tree without its page. */
function cut(tree: SegmentPayload): SegmentPayload {
  const slots = Object.fromEntries(Object.entries(tree.slots).map(([name, slot]) => [name, cut(slot)]));
  const { node, ...place } = tree;
  return Object.keys(slots).length === 0 ? { ...place, slots } : { ...place, node, slots };
}

const withShell = (state: RouterState, path: string): RouterState =>
  reduce(state, { type: "store", href: path, payload: shellOf(path), seconds: 300, now: 0 });

test("a page's loading interface is shown at once, and the rest is asked for", () => {
  const asked = navigate(withShell(start(), "/a"), "/a", { id: 7 });
  assert.deepEqual([asked.view.href, asked.view.history, asked.view.scroll], ["/a", "push", "target"]);
  assert.equal(pageNode(asked), undefined);
  assert.equal(asked.view.head, "head /a by shell");
  assert.deepEqual([asked.pending?.id, asked.pending?.history, asked.pending?.scroll], [7, "none", "none"]);
  const there = arrive(reduce(asked, { type: "written", view: asked.view }), "/a", { id: 7 });
  assert.equal(pageNode(there), "page /a by server");
  assert.deepEqual([there.view.href, there.view.history, there.view.scroll, there.pending], ["/a", "none", "none", null]);
  const layouts = segments(there.view.tree).map(({ node }) => node);
  assert.deepEqual(layouts, ["layout / by document", "layout a by shell", "page /a by server"]);
});

test("what is at a fragment is scrolled to when the page is there", () => {
  const asked = navigate(withShell(start(), "/a"), "/a#part");
  assert.equal(arrive(asked, "/a#part").view.scroll, "target");
});

test("a loading interface is no page to come back to", () => {
  const asked = navigate(withShell(start(), "/a"), "/a", { id: 7 });
  const home = reduce(asked, { type: "restore", id: 8, href: "/", key: "k0", now: 0 });
  assert.equal(home.pending, null);
  const again = reduce(home, { type: "restore", id: 9, href: "/a", key: "k1", now: 0 });
  assert.equal(again.view.href, "/a");
  assert.equal(again.pending?.id, 9);
  // The answer that was asked for first is nobody's any more.
  assert.equal(arrive(home, "/a", { id: 7 }).view.href, "/");
});

test("another query of the page that is shown has no loading interface", () => {
  const asked = navigate(withShell(arrive(navigate(start(), "/a"), "/a"), "/a?x=1"), "/a?x=1", { id: 2 });
  assert.equal(asked.view.href, "/a");
  assert.equal(asked.pending?.href, "/a?x=1");
});

test("a whole page is not given up for its loading interface", () => {
  const whole = reduce(start(), { type: "store", href: "/a", payload: payload("/a", "server"), seconds: 300, now: 0 });
  assert.equal(withShell(whole, "/a").cache.get("/a")?.payload.shell, undefined);
  assert.equal(reduce(withShell(start(), "/a"), { type: "store", href: "/a", payload: payload("/a", "server"), seconds: 9, now: 0 }).cache.get("/a")?.payload.shell, undefined);
});

test("a loading interface that arrives during the navigation is shown", () => {
  const asked = withShell(navigate(start(), "/a", { id: 3 }), "/a");
  const followed = reduce(asked, { type: "follow", id: 3, now: 0 });
  assert.equal(followed.view.href, "/a");
  assert.equal(followed.pending?.id, 3);
  assert.strictEqual(reduce(asked, { type: "follow", id: 2, now: 0 }), asked);
});

test("kept payloads are bounded by their size", () => {
  let state = start();
  for (const n of [1, 2, 3, 4, 5]) {
    state = reduce(state, { type: "store", href: `/${n}`, payload: payload(`/${n}`, "server"), seconds: 300, now: 0, bytes: BYTES_LIMIT / 2 });
  }
  assert.deepEqual([...state.cache.keys()], ["/4", "/5"]);
  state = reduce(state, { type: "store", href: "/6", payload: payload("/6", "server"), seconds: 300, now: 0, bytes: BYTES_LIMIT * 2 });
  assert.deepEqual([...state.cache.keys()], ["/6"]);
});

test("segments keep their id until a navigation creates them anew", () => {
  const ids = (state: RouterState) => segments(state.view.tree).map(({ id }) => id);
  const first = arrive(navigate(start("/a"), "/a/b", { id: 1 }), "/a/b", { id: 1 });
  assert.deepEqual(ids(first), ["0", "0", "1", "1"]);
  const query = arrive(navigate(first, "/a/b?x", { id: 2 }), "/a/b?x", { id: 2 });
  assert.deepEqual(ids(query), ids(first));
  const refreshed = arrive(reduce(query, { type: "refresh", id: 3 }), "/a/b?x", { id: 3 });
  assert.deepEqual(ids(refreshed), ids(first));
  const replaced = arrive(navigate(first, "/a/c", { id: 4, replace: true }), "/a/c", { id: 4 });
  assert.deepEqual(ids(replaced), ["0", "0", "4", "4"]);
  const back = reduce(arrive(navigate(first, "/d", { id: 5, key: "k9" }), "/d", { id: 5 }), { type: "restore", id: 6, href: "/a/b", key: "k1", now: 0 });
  assert.deepEqual(ids(back), ids(first));
});

test("going back to a segment that was shown again since says the newer id where segments stay mounted", (t) => {
  const ids = (state: RouterState) => segments(state.view.tree).map(({ id }) => id);
  const go = (state: RouterState, href: string, id: number) => arrive(navigate(state, href, { id, key: `k${id}` }), href, { id });
  const walked = go(go(go(start("/"), "/a", 1), "/b", 2), "/a", 3);
  const back = (state: RouterState, key: string, href: string) => reduce(state, { type: "restore", id: 4, href, key, now: 0 });
  assert.deepEqual(ids(back(walked, "k1", "/a")), ["0", "1", "1"]);
  process.env["__NEXT_CACHE_COMPONENTS"] = "true";
  t.after(() => delete process.env["__NEXT_CACHE_COMPONENTS"]);
  assert.deepEqual(ids(back(walked, "k1", "/a")), ["0", "3", "3"]);
  assert.deepEqual(ids(back(walked, "k2", "/b")), ["0", "2", "2"]);
  assert.equal(back(walked, "k2", "/b").view.tree, walked.visited.get("k2")?.tree);
});

test("a page that is the same for every query stays where it is when only the query changes", () => {
  const go = (from: string, to: string, seconds: number) =>
    arrive(navigate(start(from), to), to, { payload: payload(to, "server", seconds) }).view.scroll;
  assert.equal(go("/a", "/a?x=1", 300), "none");
  assert.equal(go("/a?x=1", "/a", 300), "none");
  assert.equal(go("/a?x=1", "/a?x=2", 0), "target");
  assert.equal(go("/a?x=1", "/a?x=2#part", 300), "target");
  assert.equal(go("/a#part", "/a", 300), "target");
  assert.equal(go("/a", "/b?x=1", 300), "target");
});

test("a page that may be seen again is shown at once until its time is over", () => {
  const seen = arrive(navigate(start(), "/a"), "/a", { seconds: 30, now: 1000 });
  const away = arrive(navigate(seen, "/b", { id: 2, key: "k2" }), "/b", { id: 2 });
  const again = navigate(away, "/a", { id: 3, key: "k3", now: 30_999 });
  assert.equal(again.pending, null);
  assert.equal(pageNode(again), "page /a by server");
  assert.equal(navigate(away, "/a", { id: 3, key: "k3", now: 31_000 }).pending?.href, "/a");
  assert.equal(navigate(away, "/b", { id: 3, key: "k3", now: 0 }).pending?.href, "/b");
});

test("a document that may be seen again is, and a refresh forgets that", () => {
  const document = { ...payload("/a", "document"), revisitTime: 30 };
  const first = initialState(document, "/a#part", "k0", 0);
  const away = arrive(navigate(first, "/b"), "/b");
  assert.equal(navigate(away, "/a", { id: 2, key: "k2", now: 29_999 }).pending, null);
  assert.equal(navigate(away, "/a", { id: 2, key: "k2", now: 30_000 }).pending?.href, "/a");
  const refreshed = arrive(reduce(away, { type: "refresh", id: 2 }), "/b", { id: 2 });
  assert.equal(navigate(refreshed, "/a", { id: 3, key: "k3", now: 0 }).pending?.href, "/a");
});

test("what is seen again is whole, also where the answer left out what was there", () => {
  const { tree, ...rest } = payload("/a", "server");
  const partial = { ...rest, tree: { ...tree, node: undefined } };
  const seen = arrive(navigate(start(), "/a"), "/a", { payload: partial, seconds: 30, now: 0 });
  assert.ok(segments(seen.cache.get("/a")!.payload.tree).every(({ node }) => node !== undefined));
});

test("a page beside which a slot was kept is not kept itself", () => {
  const shown = (who: string, modal: SegmentPayload): RoutePayload => ({ ...payload("/a", who), tree: segment("", `layout by ${who}`, { children: page(), modal }) });
  const open = initialState(shown("document", segment("photo", "photo", { children: page() })), "/photo", "k0");
  const after = arrive(navigate(open, "/a"), "/a", { payload: shown("server", { segment: "__DEFAULT__", key: "__DEFAULT__", node: null, slots: {} }), seconds: 30, now: 0 });
  assert.equal(after.view.tree.slots["modal"]?.segment, "photo");
  assert.equal(after.cache.size, 0);
});

test("layouts are borrowed from the page whose address is the most alike, for as long as it may be shown", () => {
  const state = prefetched(prefetched(start("/"), "/docs/a", 100), "/shop/x", 300);
  const of = (href: string, now = 0): unknown => {
    const { payload: { tree }, expires } = nearest(state, href, now);
    return [tree && segments(tree).at(-1)?.node, expires];
  };
  assert.deepEqual(of("/docs/b"), ["page /docs/a by prefetch", 100_000]);
  assert.deepEqual(of("/shop"), ["page /shop/x by prefetch", 300_000]);
  assert.deepEqual(of("/docs/b", 100_000), ["page / by document", Infinity]);
});

test("nothing is borrowed from what is outdated, until there is something new", () => {
  const seen = prefetched(start("/docs/a"), "/docs/b");
  for (const type of ["refresh", "outdate"] as const) {
    const before = reduce(seen, { type, id: 1 });
    assert.deepEqual(nearest(before, "/docs/c", 0), { payload: { tree: null }, expires: Infinity }, type);
    const moved = reduce(before, { type: "shallow", href: "/docs/a?x", key: "k2" });
    assert.equal(nearest(moved, "/docs/c", 0).payload.tree, null, type);
    const after = arrive(navigate(before, "/docs/d"), "/docs/d");
    assert.strictEqual(nearest(after, "/docs/c", 0).payload.tree, after.view.tree, type);
  }
});
