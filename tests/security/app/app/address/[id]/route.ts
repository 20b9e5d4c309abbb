import type { NextRequest } from "next/server";

export const dynamic = "force-static";

export function GET(request: NextRequest) {
  return new Response(`ADDRESS ${request.url} ${request.nextUrl.host} ${request.headers.get("x-forwarded-host")}`);
}
