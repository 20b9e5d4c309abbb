// Where the page stands after a navigation.
import { splitHref } from "../../shared/href.ts";
import { arrivedElement } from "./arrivals.ts";
import type { View } from "./state.ts";

const positions = new Map<string, readonly [number, number]>();
const POSITIONS_LIMIT = 200;

/** Remembers where a history entry stands; the browser itself only knows when it restores at once. */
export function rememberScroll(key: string): void {
  if (positions.size >= POSITIONS_LIMIT) positions.clear();
  positions.set(key, [scrollX, scrollY]);
}

/** Scrolls as the view asks. To be called when its elements are in the document. */
export function scrollFor(view: View): void {
  if (view.scroll === "restore") {
    const position = positions.get(view.key);
    if (position) scrollTo(...position);
  } else if (view.scroll === "target") {
    const { hash } = splitHref(view.href);
    // What is not there is not scrolled to, nor is anything else in its place.
    if (hash === "" || hash === "#top") scrollToArrival(hash !== "");
    else findTarget(hash.slice(1))?.scrollIntoView();
  }
}

function findTarget(fragment: string): Element | null {
  let name = fragment;
  try {
    name = decodeURIComponent(fragment);
  } catch {
    // A fragment that does not decode is looked up as it is.
  }
  return document.getElementById(name) ?? document.getElementsByName(name)[0] ?? null;
}

function scrollToArrival(always: boolean): void {
  const { any, first } = arrivedElement();
  // Only something that floats is new, or what is new can be seen already: the page stays where it is.
  if (!always && any && (first === null || isInView(first))) return;
  // `scroll-behavior: smooth` is meant for links within a page; the attribute says that the app wants it so.
  const instant = document.documentElement.dataset["scrollBehavior"] === "smooth";
  const behavior = instant ? "instant" : "auto";
  scrollTo({ top: 0, left: 0, behavior });
  if (!always && first && !isInView(first)) first.scrollIntoView({ behavior });
}

function isInView(element: Element): boolean {
  const { top } = element.getBoundingClientRect();
  return top >= 0 && top <= document.documentElement.clientHeight;
}
