export async function GET(request: Request) {
  const seen = Object.fromEntries([...request.headers].filter(([name]) => !["host", "connection"].includes(name)));
  return Response.json({ url: new URL(request.url).pathname, seen }, { headers: { "x-middleware-override-headers": "x", "x-invoke-path": "/secret" } });
}

export async function POST(request: Request) {
  return new Response(`POSTED ${(await request.text()).length}`);
}
