// The props of pages, and what cached functions get in place of the query in them.

const pages = new WeakSet<object>();

/** Notes that these are the props of a page. */
export function pageProps<T extends object>(props: T): T {
  pages.add(props);
  return props;
}

/** Whether a value is the props of a page. */
export function isPageProps(value: unknown): value is { searchParams?: unknown } {
  return typeof value === "object" && value !== null && pages.has(value);
}

/** What says, when somebody reads it, that what is kept may not depend on a query. */
export function queryInCache(route: string): Promise<never> {
  return Object.defineProperties(new Promise<never>(() => {}), {
    constructor: { value: undefined },
    then: {
      value: () => {
        throw new Error(
          `Route ${route} used \`searchParams\` inside "use cache". Accessing dynamic request data inside a cache scope is not supported. If you need some search params inside a cached function await \`searchParams\` outside of the cached function and pass only the required search params as arguments to the cached function. See more info here: https://nextjs.org/docs/messages/next-request-in-use-cache`,
        );
      },
    },
  });
}
