// Where the APIs of the request may be called, and what they say where they may not. Pure but for what it throws.
import { isCaching, leaveOut, markDynamic, requireWork } from "./work.ts";
import type { Work } from "./work.ts";

type Reading = "cookies" | "headers" | "connection";

const AFTER = "See more info here: https://nextjs.org/docs/app/api-reference/functions/after";
const CACHE = "Learn more: https://nextjs.org/docs/app/api-reference/functions/unstable_cache";
const USE_CACHE = "See more info here: https://nextjs.org/docs/messages/next-request-in-use-cache";

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
  if (work.within === "unstable_cache") {
    throw new Error(
      api === "connection"
        ? `Route "${route}": \`connection()\` can't be called inside \`unstable_cache()\` because cached functions may run during prerendering, without an incoming request. Call it outside the cached function.\n${CACHE}`
        : `Route "${route}": \`${api}()\` can't be read inside \`unstable_cache()\`. Read it outside the cached function and pass what you need as an argument.\n${CACHE}`,
    );
  }
  if (isCaching(work) && (work.within === "use cache" || api === "connection")) {
    throw new Error(
      api === "connection"
        ? `Route ${route} used \`connection()\` inside "${work.within}". The \`connection()\` function is used to indicate the subsequent code must only run when there is an actual request, but caches must be able to be produced before a request, so this function is not allowed in this scope. ${USE_CACHE}`
        : `Route ${route} used \`${api}()\` inside "use cache". Accessing Dynamic data sources inside a cache scope is not supported. If you need this data inside a cached function use \`${api}()\` outside of the cached function and pass the required dynamic data in as an argument. ${USE_CACHE}`,
    );
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
  if (work.within === "unstable_cache") {
    throw new Error(
      `Route "${route}": \`draftMode().${call}()\` can't be called inside \`unstable_cache()\`. Draft mode can be read inside a cached function, but enabling or disabling it must happen outside.\n${CACHE}`,
    );
  }
  if (isCaching(work)) {
    throw new Error(`Route ${route} used "draftMode().${call}()" inside "${String(work.within)}". The enabled status of \`draftMode()\` can be read in caches but you must not enable or disable \`draftMode()\` inside a cache. ${USE_CACHE}`);
  }
  if (work.within !== null) {
    throw new Error(`Route ${route} used "draftMode().${call}()" inside \`after()\`. The enabled status of \`draftMode()\` can be read inside \`after()\` but you cannot enable or disable \`draftMode()\`. ${AFTER}`);
  }
}

