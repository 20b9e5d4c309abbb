/** Who is in a hurry reads only the beginning of an answer that is stored. */
export async function GET(request: Request) {
  const answer = await fetch(`${process.env.UPSTREAM}/asked/whole`, { cache: "force-cache" });
  if (!request.url.includes("hurry")) return new Response(await answer.text());
  const reader = answer.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  return new Response("HURRY");
}
