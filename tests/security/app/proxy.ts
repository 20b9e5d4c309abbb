import { NextResponse } from "next/server";
import type { NextRequest } from "next/server";

export function proxy(request: NextRequest) {
  const { pathname } = request.nextUrl;
  if (pathname === "/throws") throw new Error("the proxy fails");
  if (pathname === "/moved") return NextResponse.redirect(new URL("/open", request.url));
  if (pathname === "/copied") return NextResponse.next({ headers: request.headers });
  if (["/secret", "/behind", "/inner"].some((guarded) => pathname.startsWith(guarded))) {
    if (request.cookies.get("session")?.value !== "yes") return new NextResponse("denied", { status: 401, headers: { "x-proxy-saw": pathname } });
  }
  const response = NextResponse.next({ request: { headers: new Headers([...request.headers, ["x-from-proxy", pathname]]) } });
  response.headers.set("x-proxy-saw", pathname);
  response.cookies.set("seen", pathname);
  return response;
}

export const config = { matcher: ["/secret/:path*", "/behind/:path*", "/inner/:path*", "/open/:path*", "/throws", "/moved", "/copied", "/own.txt", "/matched/:path((?:a+)+b)"] };
