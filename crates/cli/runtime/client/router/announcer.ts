// Tells screen readers that another page is shown.

const NAME = "next-route-announcer";

/** Announces the page by title, else by first heading, else by path. */
export function announcePage(pathname: string): void {
  const text = document.title || document.querySelector("h1")?.textContent || pathname;
  const region = findRegion();
  if (region.textContent !== text) region.textContent = text;
}

/** The live region. It has to be there before what it is to say. */
export function findRegion(): HTMLElement {
  const existing = document.querySelector(NAME)?.shadowRoot?.querySelector("div");
  if (existing) return existing;
  const host = document.createElement(NAME);
  host.style.position = "absolute";
  const region = document.createElement("div");
  region.id = `__${NAME}__`;
  region.ariaLive = "assertive";
  region.role = "alert";
  region.style.cssText =
    "position:absolute;width:1px;height:1px;margin:-1px;padding:0;border:0;overflow:hidden;clip:rect(0,0,0,0);white-space:nowrap";
  host.attachShadow({ mode: "open" }).append(region);
  document.body.append(host);
  return region;
}
