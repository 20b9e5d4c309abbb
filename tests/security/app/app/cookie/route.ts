export const dynamic = "force-static";

export function GET() {
  const visitor = crypto.randomUUID();
  return new Response(`COOKIE ${visitor}`, { headers: { "set-cookie": `visitor=${visitor}` } });
}
