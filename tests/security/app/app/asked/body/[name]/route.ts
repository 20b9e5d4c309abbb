import { INITS } from "../../bodies";

type Props = { params: Promise<{ name: string }> };

async function answer(name: string, asRequest: boolean): Promise<Response> {
  const made = INITS[decodeURIComponent(name)];
  if (made === undefined) return new Response("there is none", { status: 404 });
  const url = `${process.env.UPSTREAM}/asked/body`;
  const init = { method: "POST", ...made(), cache: "force-cache", duplex: "half" } as RequestInit;
  const response = await (asRequest ? fetch(new Request(url, init)) : fetch(url, init));
  return new Response(await response.text());
}

export async function GET(_: Request, { params }: Props) {
  return answer((await params).name, false);
}

/** The same by a `Request`, which has read its body already. */
export async function PUT(_: Request, { params }: Props) {
  return answer((await params).name, true);
}
