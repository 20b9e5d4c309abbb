// The keys of the data cache: the same request, or the same call of a function, is the same entry.
import { createHash } from "node:crypto";
import { jsonOf } from "./json.ts";

/** Headers by which requests are traced: another one each time. */
const VOLATILE = new Set(["traceparent", "tracestate"]);

/** What of a request says which answer it gets, besides its body. */
const MEMBERS = ["mode", "redirect", "credentials", "referrer", "referrerPolicy", "integrity", "cache"] as const;

/** A body as text, and the `init` that still has it. */
interface ReadBody {
  parts: string[];
  /** Given instead of the body, which was a stream. */
  replacement?: Uint8Array<ArrayBuffer>;
}

/** At once: a render that has all it needs at hand does not wait for the outside. */
function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function blobText(blob: Blob): Promise<string> {
  return digest(new Uint8Array(await blob.arrayBuffer()));
}

/** A form's boundary is another one each time: its fields are what counts. */
async function formParts(form: FormData): Promise<string[]> {
  const fields = [...form].map(async ([name, value]) => [name, ...(typeof value === "string" ? [value] : [value.name, value.type, await blobText(value)])]);
  return (await Promise.all(fields)).map((field) => JSON.stringify(field));
}

async function readBody(body: BodyInit): Promise<ReadBody> {
  if (typeof body === "string") return { parts: ["text", body] };
  if (body instanceof URLSearchParams) return { parts: ["query", body.toString()] };
  if (body instanceof FormData) return { parts: ["form", ...(await formParts(body))] };
  if (body instanceof Blob) return { parts: ["bytes", body.type, await blobText(body)] };
  if (body instanceof ReadableStream) {
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    return { parts: ["bytes", digest(bytes)], replacement: bytes };
  }
  const bytes = ArrayBuffer.isView(body) ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : new Uint8Array(body);
  // A copy: what is shared cannot be digested.
  return { parts: ["bytes", digest(new Uint8Array(bytes))] };
}

/** A fetch with its key: where its body was a stream, `init` has what was read of it. */
export interface KeyedFetch {
  key: string;
  init: RequestInit | undefined;
}

/** Says which entry a fetch has. */
export async function keyOfFetch(input: string | URL | Request, init: RequestInit | undefined): Promise<KeyedFetch> {
  const request = input instanceof Request ? input : null;
  const headers = [...new Headers(init?.headers ?? request?.headers ?? [])].filter(([name]) => !VOLATILE.has(name));
  const method = (init?.method ?? request?.method ?? "GET").toUpperCase();
  const members = MEMBERS.map((name) => init?.[name] ?? request?.[name] ?? null);
  let body: ReadBody = { parts: [] };
  if (init?.body !== undefined && init.body !== null) body = await readBody(init.body);
  else if (request !== null && request.body !== null) body = { parts: ["bytes", digest(new Uint8Array(await request.clone().arrayBuffer()))] };
  const url = request?.url ?? new URL(input instanceof Request ? input.url : input).href;
  const text = JSON.stringify(["fetch 1", url, method, headers, members, body.parts]);
  return { key: digest(new TextEncoder().encode(text)), init: body.replacement === undefined ? init : { ...init, body: body.replacement } };
}

/** Says which entry a call of a function has. Throws if the arguments cannot be written as JSON. */
export async function keyOfCall(source: string, keyParts: readonly unknown[], args: readonly unknown[]): Promise<string> {
  const text = JSON.stringify(["function 1", source, keyParts.map(String), jsonOf(args, "arguments", "unstable_cache")]);
  return digest(new TextEncoder().encode(text));
}

/** Says which entry a call of a cached function has: what the function is, and its arguments as React writes them. */
export async function keyOfParts(parts: readonly string[], args: string | FormData): Promise<string> {
  const text = JSON.stringify(["cached 1", parts, typeof args === "string" ? args : await formParts(args)]);
  return digest(new TextEncoder().encode(text));
}

/** Says which entry a call has whose result depends on root parameters: what stands before the digest stays. */
export async function keyWithRoots(call: string, values: string): Promise<string> {
  return call.slice(0, call.lastIndexOf(" ") + 1) + digest(new TextEncoder().encode(JSON.stringify(["roots 1", call, values])));
}
