// Which pages are fetched before they are asked for: those of links near the viewport, and those pointed at.
import { withoutHash } from "../../shared/href.ts";
import type { PrefetchQueue } from "./prefetch-queue.ts";

interface Wish {
  href: string;
  full: boolean;
}

let queue: PrefetchQueue | null = null;
let observer: IntersectionObserver | null = null;
const wishes = new Map<Element, Wish>();
/** The links near the viewport. */
const near = new Set<Element>();

/** Connects the links to the queue. Links that came before are remembered until then. */
export function startPrefetching(into: PrefetchQueue): void {
  queue = into;
  observer = new IntersectionObserver(onVisibility, { rootMargin: "200px" });
  for (const link of wishes.keys()) observer.observe(link);
}

/** Prefetches a page now, or as the next one if too many are under way. */
export function prefetch(href: string, full: boolean): void {
  queue?.add(withoutHash(href), full, true);
}

/** Prefetches a link's page when the link comes near the viewport. Returns what stops that. */
export function prefetchWhenVisible(link: Element, href: string, full: boolean): () => void {
  wishes.set(link, { href: withoutHash(href), full });
  observer?.observe(link);
  return () => {
    wishes.delete(link);
    near.delete(link);
    observer?.unobserve(link);
  };
}

/** What was fetched is outdated: fetches the pages of the links near the viewport again. */
export function prefetchAgain(): void {
  for (const link of near) {
    const wish = wishes.get(link);
    if (wish) queue?.add(wish.href, wish.full, false);
  }
}

function onVisibility(entries: IntersectionObserverEntry[]): void {
  for (const { target, isIntersecting } of entries) {
    const wish = wishes.get(target);
    if (!wish) continue;
    near[isIntersecting ? "add" : "delete"](target);
    if (isIntersecting) queue?.add(wish.href, wish.full, false);
    else if (![...near].some((link) => wishes.get(link)?.href === wish.href)) queue?.drop(wish.href);
  }
}
