// `next/server`: requests and responses with cookies and parsed addresses, and what waits for them.
import { currentWork, markDynamic, requireWork } from "../server/work.ts";

export { ImageResponse } from "./web/image-response.ts";
export { NextFetchEvent } from "./web/fetch-event.ts";
export { NextRequest } from "./web/request.ts";
export { NextResponse } from "./web/response.ts";
export { userAgent, userAgentFromString } from "./web/user-agent.ts";

/** Waits for a request: what comes after is rendered for each of them. */
export async function connection(): Promise<void> {
  markDynamic(requireWork("connection"), "connection");
}

/** Runs a task after the response has ended. */
export function after(task: Promise<unknown> | (() => unknown)): void {
  const work = currentWork();
  if (work === undefined) throw new Error("`after` was called outside a request scope. Read more: https://nextjs.org/docs/messages/next-dynamic-api-wrong-context");
  const run = async (): Promise<void> => {
    await (typeof task === "function" ? task() : task);
  };
  setTimeout(() => void run().catch((error: unknown) => console.error(error)));
}

export { URLPattern } from "./web/url-pattern.ts";
