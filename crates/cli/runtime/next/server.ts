// `next/server`: requests and responses with cookies and parsed addresses, and what waits for them.
import { readRequest } from "../server/request-scope.ts";

export { ImageResponse } from "./web/image-response.ts";
export { NextFetchEvent } from "./web/fetch-event.ts";
export { NextRequest } from "./web/request.ts";
export { NextResponse } from "./web/response.ts";
export { userAgent, userAgentFromString } from "./web/user-agent.ts";

export { after } from "../server/after.ts";

/** Waits for a request: what comes after is rendered for each of them. */
export async function connection(): Promise<void> {
  await readRequest("connection");
}

export { URLPattern } from "./web/url-pattern.ts";
