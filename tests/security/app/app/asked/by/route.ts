import type { NextRequest } from "next/server";
import { askAs } from "../upstream";

export async function GET(request: NextRequest) {
  return new Response(await askAs(request.headers, request.nextUrl.searchParams.has("stored") ? "force-cache" : undefined));
}
