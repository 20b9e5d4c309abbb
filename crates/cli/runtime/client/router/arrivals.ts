// Which parts of the page a navigation brought: a page scrolls to what is new, and not at all for what floats over it.
import type { FragmentInstance } from "react";

/** `isPage`: not a layout with something below it. */
interface Arrival {
  fragment: FragmentInstance;
  isPage: boolean;
}

let arrivals: Arrival[] = [];

/** Forgets what earlier views brought. To be called before the elements of a view are put into the document. */
export function expectArrivals(): void {
  arrivals = [];
}

/** A slot shows something new. */
export function noteArrival(fragment: FragmentInstance, isPage: boolean): void {
  arrivals.push({ fragment, isPage });
}

/**
 * Whether a slot shows something new, and the first element of it that takes part in the page's flow. Pages count for
 * more than the layouts around them.
 */
export function arrivedElement(): { any: boolean; first: Element | null } {
  let first: Element | null = null;
  const pages = arrivals.filter(({ isPage }) => isPage);
  for (const { fragment } of pages.length > 0 ? pages : arrivals) {
    for (const element of elementsOf(fragment)) {
      const earlier = first === null || element.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING;
      if (earlier && isInFlow(element)) first = element;
    }
  }
  return { any: arrivals.length > 0, first };
}

function elementsOf(fragment: FragmentInstance): Element[] {
  const elements: Element[] = [];
  const collector = { observe: (element: Element) => void elements.push(element), unobserve() {} };
  fragment.observeUsing(collector);
  fragment.unobserveUsing(collector);
  return elements;
}

function isInFlow(element: Element): boolean {
  const { position } = getComputedStyle(element);
  const { width, height } = element.getBoundingClientRect();
  return position !== "fixed" && position !== "sticky" && (width > 0 || height > 0);
}
