export async function GET(_: Request, { params }: { params: Promise<{ path: string[] }> }) {
  return Response.json((await params).path);
}
