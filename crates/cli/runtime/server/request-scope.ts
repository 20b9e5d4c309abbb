// Where the APIs of the request may be called, and what they say where they may not. Pure but for what it throws.
import { isCaching, leaveOut, markDynamic, requireWork } from "./work.ts";
import type { Work } from "./work.ts";

type Reading = "cookies" | "headers" | "connection";

const AFTER = "See more info here: https://nextjs.org/docs/app/api-reference/functions/after";

/** What is kept for others, why a function of it may run without the request, and where more is said. */
const CACHED = {
  unstable_cache: { name: "`unstable_cache()`", alone: "cached functions may run during prerendering, without an incoming request", docs: "https://nextjs.org/docs/app/api-reference/functions/unstable_cache" },
  "use cache": { name: '`"use cache"`', alone: "cached functions may run during prerendering, without an incoming request", docs: "https://nextjs.org/docs/messages/next-request-in-use-cache" },
  "use cache: private": { name: '`"use cache: private"`', alone: "private cached functions may run during prefetching, without a navigation request", docs: "https://nextjs.org/docs/app/api-reference/directives/use-cache-private" },
};

/** The path of the route that answers, as the app's files say it. */
export function routePath({ routeId = "/" }: Work): string {
  const segments = routeId.split("/").filter((segment) => !/^(?:@.*|\([^.)]*\))$/.test(segment));
  return segments.slice(0, -1).join("/") || "/";
}

/** The request that is being answered, for an API that means the answer. */
export function answeredRequest(api: string): Work {
  const work = requireWork(api);
  if (work.within === "generateStaticParams") {
    throw new Error(`Route ${routePath(work)} used \`${api}()\` inside \`generateStaticParams\`. This is not supported because \`generateStaticParams\` runs at build time without an HTTP request. Read more: https://nextjs.org/docs/messages/next-dynamic-api-wrong-context`);
  }
  return work;
}

/**
 * The request that an API reads, if it may be read here: what is rendered depends on it from now on. Where that is left
 * out, it never comes.
 */
export function readRequest(api: Reading): Work | Promise<never> {
  const work = answeredRequest(api);
  const route = routePath(work);
  if (work.within === "after render") {
    throw new Error(
      api === "connection"
        ? `Route ${route} used \`connection()\` inside \`after()\` while rendering. The \`connection()\` function is used to indicate the subsequent code must only run when there is an actual Request, but \`after()\` executes after the request, so this function is not allowed in this scope. ${AFTER}`
        : `Route ${route} used \`${api}()\` inside \`after()\` while rendering. This is not supported. If you need this data inside an \`after()\` callback, use \`${api}()\` outside of the callback. ${AFTER}`,
    );
  }
  if (work.within === "unstable_cache" || work.within === "use cache" || (work.within === "use cache: private" && api === "connection")) {
    const { name, alone, docs } = CACHED[work.within];
    const why = api === "connection" ? `called inside ${name} because ${alone}. Call it outside the cached function.` : `read inside ${name}. Read it outside the cached function and pass what you need as an argument.`;
    throw new Error(`Route "${route}": \`${api}()\` can't be ${why}\nLearn more: ${docs}`);
  }
  if (isCaching(work)) return work;
  if (work.dynamic === "error") throw new Error(staticOnly(route, `\`${api}()\``));
  return (work.dynamic === "auto" ? leaveOut(work, `${api}()`) : null) ?? work;
}

/** Something is read from outside: where that is left out, it never comes. It says nothing about the request, so what is kept may read it. */
export function readOutside(work: Work): Promise<never> | null {
  if (work.within === "after render") throw new Error(`Route ${routePath(work)} used \`io()\` inside \`after()\` while rendering. The \`io()\` function is not allowed in this scope. ${AFTER}`);
  return work.holes !== null && work.within === null ? leaveOut(work, "io()") : null;
}

/** Notes that what is being rendered depends on the request, which a route may have ruled out. */
export function dependOnRequest(work: Work, api: string): void {
  if (work.dynamic === "error") throw new Error(staticOnly(routePath(work), `\`${api}\``));
  markDynamic(work, api);
}

/** What a route that must not depend on the request says when it does. */
export function staticOnly(route: string, api: string): string {
  return `Route ${route} with \`dynamic = "error"\` couldn't be rendered statically because it used ${api}. See more info here: https://nextjs.org/docs/app/building-your-application/rendering/static-and-dynamic#dynamic-rendering`;
}

/** The request whose draft mode is changed, if it may be changed here. */
export function changeDraft(work: Work, call: "enable" | "disable"): void {
  const route = routePath(work);
  if (work.within === "unstable_cache" || isCaching(work)) {
    const { name, docs } = CACHED[work.within === "unstable_cache" ? work.within : "use cache"];
    throw new Error(`Route "${route}": \`draftMode().${call}()\` can't be called inside ${name}. Draft mode can be read inside a cached function, but enabling or disabling it must happen outside.\nLearn more: ${docs}`);
  }
  if (work.within !== null) {
    throw new Error(`Route ${route} used "draftMode().${call}()" inside \`after()\`. The enabled status of \`draftMode()\` can be read inside \`after()\` but you cannot enable or disable \`draftMode()\`. ${AFTER}`);
  }
}

