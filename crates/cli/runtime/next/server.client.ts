// `next/server` for client components: what needs no request that is being answered.

export { ImageResponse } from "./web/image-response.ts";
export { NextFetchEvent } from "./web/fetch-event.ts";
export { NextRequest } from "./web/request.ts";
export { NextResponse } from "./web/response.ts";
export { URLPattern } from "./web/url-pattern.ts";
export { userAgent, userAgentFromString } from "./web/user-agent.ts";

function serverOnly(name: string): never {
  throw new Error(`\`${name}\` works on the server only`);
}

/** There is no request in a client component. */
export const after = (): never => serverOnly("after");

/** There is no request in a client component. */
export const connection = (): never => serverOnly("connection");
