export function GET() {
  return new Response("SECRET-DATA");
}
