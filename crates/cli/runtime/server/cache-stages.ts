// `prefetch()` and `navigation()`: what comes below may wait until a page is fetched in advance, or navigated to. A page is
// fetched in advance as far as it is the same for everybody, which is made once, so that there is nothing to put off: what
// is left of them is where they may be called.
import { currentConfig } from "./host-access.ts";
import { routePath } from "./request-scope.ts";
import { requireWork } from "./work.ts";
import type { Work } from "./work.ts";

type Stage = "prefetch" | "navigation";

const DOCS = "https://nextjs.org/docs";

/** What the code below each of them must not be part of. */
const MUST_NOT: Record<Stage, string> = { prefetch: "must not run in the app shell", navigation: "must only run during an actual navigation" };

function check(stage: Stage, work: Work): void {
  const route = routePath(work);
  const used = `Route ${route} used \`${stage}()\``;
  if (!currentConfig().cacheComponents) throw new Error(`${used}, which requires Cache Components to be enabled. Learn more: ${DOCS}/app/api-reference/config/next-config-js/cacheComponents`);
  const purpose = `The \`${stage}()\` function is used to indicate the subsequent code ${MUST_NOT[stage]}, but`;
  switch (work.within) {
    case "after render":
      throw new Error(`${used} inside \`after()\` while rendering. ${purpose} \`after()\` executes after the request, so this function is not allowed in this scope. See more info here: ${DOCS}/app/api-reference/functions/after`);
    case "use cache":
    case "use cache: private":
      throw new Error(`${used} inside "${work.within}". This is not currently supported. Instead, move the "use cache" directive to a function that's called below \`await ${stage}()\`, so that the cached content is deferred to the ${stage} without caching the stage boundary itself. See more info here: ${DOCS}/messages/next-request-in-use-cache`);
    case "unstable_cache":
      throw new Error(`${used} inside a function cached with \`unstable_cache()\`. ${purpose} \`unstable_cache()\` caches must be able to be produced before a ${stage}, so this function is not allowed in this scope. See more info here: ${DOCS}/app/api-reference/functions/unstable_cache`);
    case "generateStaticParams":
      throw new Error(`${used} inside \`generateStaticParams\`. This is not supported because \`generateStaticParams\` runs at build time without a ${stage}. Read more: ${DOCS}/messages/next-dynamic-api-wrong-context`);
  }
}

/** Says that what comes next is not part of a page's shell. */
export async function prefetch(): Promise<void> {
  check("prefetch", requireWork("prefetch"));
}

/** Says that what comes next is not fetched in advance. */
export async function navigation(): Promise<void> {
  check("navigation", requireWork("navigation"));
}
