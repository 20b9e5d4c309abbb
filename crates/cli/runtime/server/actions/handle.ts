// Answers requests that call a server function: by a client's router, or by a form without JavaScript.
import { createTemporaryReferenceSet, decodeAction, decodeFormState, decodeReply, renderToPipeableStream } from "react-server-dom-webpack/server.node";
import { ACTION_NOT_FOUND_HEADER, ACTION_REDIRECT_HEADER, ACTION_REVALIDATED_HEADER, Revalidated } from "../../shared/action-wire.ts";
import { parseAccess, parseRedirect } from "../../shared/control-flow.ts";
import { RSC_CONTENT_TYPE, RSC_VARY } from "../../shared/wire.ts";
import { encodedParams } from "../app/attempt.ts";
import { PAYLOAD, reportError } from "../app/errors.ts";
import { tellOfError } from "../instrumentation.ts";
import { renderFormResult, renderPayload } from "../app/render.ts";
import { cacheControl } from "../app/segment-config.ts";
import { headerOf } from "../host.ts";
import { settleInvalidations } from "../invalidate.ts";
import { provideRootParams } from "../root-params.ts";
import { branch } from "../routes.ts";
import { newWork, runWork } from "../work.ts";
import { isMultipart } from "./call.ts";
import { isForeign } from "./origin.ts";
import { hasAction, loadFunction, serverManifest } from "./registry.ts";
import type { Writable } from "node:stream";
import type { ActionPayload } from "../../shared/action-wire.ts";
import type { RoutePayload } from "../../shared/payload.ts";
import type { PageRoute, RenderEnvironment } from "../app/render.ts";
import type { IncomingRequest, RenderedDocument, RouteMatch } from "../host.ts";
import type { Call } from "./call.ts";
import type { Work } from "../work.ts";

const ID = /^[0-9a-f]{42}$/;
const ID_LENGTH = 42;
const NO_STORE = "no-cache, no-store, max-age=0, must-revalidate";
const FORM_ID = "$ACTION_ID_";
const FORM_REFERENCE = "$ACTION_REF_";

/** What a call is made in. */
interface Scene {
  environment: RenderEnvironment;
  route: PageRoute;
  request: IncomingRequest;
  match: RouteMatch;
  work: Work;
}

/** Answers a call. */
export async function handleCall(environment: RenderEnvironment, route: PageRoute, request: IncomingRequest, match: RouteMatch, call: Call): Promise<Response | RenderedDocument> {
  const work = newWork(request, "action");
  work.routeId = match.routeId;
  work.pathname = match.pathname;
  provideRootParams(work, branch(route.tree), encodedParams(match.params));
  const scene: Scene = { environment, route, request, match, work };
  const from = { origin: headerOf(request, "origin"), forwardedHost: headerOf(request, "x-forwarded-host"), host: headerOf(request, "host") };
  if (isForeign(from, environment.host.actions.allowedOrigins)) {
    environment.host.log("error", `a server function was called from ${from.origin}, not from ${from.forwardedHost ?? from.host}: list the host in serverActions.allowedOrigins to allow that`);
    const refused = new Error("Invalid Server Actions request.");
    return call.kind === "form" ? internalError() : payload(scene, 500, { result: Promise.reject(refused), page: null });
  }
  return call.kind === "form" ? byForm(scene) : byRouter(scene, call.id);
}

/** A function that is not there: another build's, or nobody's. */
function unavailable(id: string): Response | null {
  if (ID.test(id) && hasAction(id)) return null;
  const isId = id.length === ID_LENGTH;
  return new Response(isId ? "Server Action unavailable." : "Invalid Server Action request.", {
    status: isId ? 409 : 400,
    headers: { "content-type": "text/plain", "cache-control": NO_STORE, [ACTION_NOT_FOUND_HEADER]: "1" },
  });
}

function internalError(): Response {
  return new Response("Internal Server Error", { status: 500, headers: { "content-type": "text/plain" } });
}

/** Calls a function. What it made outdated is so when it is over, however it ends. */
async function calling(work: Work, call: () => unknown): Promise<unknown> {
  try {
    return await runWork(work, call);
  } finally {
    await settleInvalidations(work);
  }
}

async function byRouter(scene: Scene, id: string): Promise<Response | RenderedDocument> {
  const { request, work } = scene;
  const refusal = unavailable(id);
  if (refusal !== null) return refusal;
  const temporaryReferences = createTemporaryReferenceSet();
  try {
    const whole = request.toRequest();
    const body = isMultipart(request) ? await whole.formData() : await whole.text();
    const args = await decodeReply<unknown[]>(body, serverManifest(), { temporaryReferences });
    const called = await loadFunction(id);
    const result = await calling(work, () => Reflect.apply(called, null, args) as unknown);
    return await payload(scene, 200, { result: Promise.resolve(result), page: await pageAfter(scene) }, temporaryReferences);
  } catch (error) {
    const redirect = parseRedirect(error);
    if (redirect !== null) {
      const location = `${redirect.url};${redirect.kind}`;
      return new Response(null, { headers: headersOf(scene, [[ACTION_REDIRECT_HEADER, location], ["cache-control", cacheControl(null)]]) });
    }
    const status = parseAccess(error);
    return payload(scene, status ?? 500, { result: Promise.reject(error), page: status === null ? null : await pageAfter(scene) });
  }
}

async function byForm(scene: Scene): Promise<Response | RenderedDocument> {
  const { environment, route, request, match, work } = scene;
  const form = await request.toRequest().formData();
  const id = await idOf(form);
  const refusal = unavailable(id ?? "");
  if (refusal !== null) return refusal;
  try {
    const action = await decodeAction(form, serverManifest());
    if (action === null) return unavailable("") ?? internalError();
    const result = await calling(work, () => action());
    const formState = await decodeFormState(result, form, serverManifest());
    return await renderFormResult(environment, route, match, work, formState, null);
  } catch (error) {
    const redirect = parseRedirect(error);
    if (redirect !== null) {
      const { basePath } = environment.config;
      const local = redirect.url.startsWith("/") && !redirect.url.startsWith("//");
      const location = local ? basePath + redirect.url : redirect.url;
      return new Response(null, { status: 303, headers: headersOf(scene, [["location", location], ["cache-control", cacheControl(null)]]) });
    }
    if (parseAccess(error) === null) {
      await tellOfError(error, work, { routeType: "action" });
      throw error;
    }
    return renderFormResult(environment, route, match, work, null, error);
  }
}

/** The id that a form names, if it names one; of several, React takes the last. */
async function idOf(form: FormData): Promise<string | null> {
  const name = [...form.keys()].findLast((key) => key.startsWith(FORM_ID) || key.startsWith(FORM_REFERENCE));
  if (name === undefined) return null;
  if (name.startsWith(FORM_ID)) return name.slice(FORM_ID.length);
  const described = form.get(`$ACTION_${name.slice(FORM_REFERENCE.length)}:0`);
  try {
    const { id } = JSON.parse(typeof described === "string" ? described : "") as { id?: unknown };
    return typeof id === "string" ? id : null;
  } catch {
    return null;
  }
}

/** The page as it is after the call, if the call made what was seen outdated. */
async function pageAfter(scene: Scene): Promise<RoutePayload | null> {
  // A refresh alone is the client's: what is stored is as it was.
  if (revalidated(scene) !== Revalidated.All) return null;
  return renderPayload(scene.environment, scene.route, scene.match, scene.work);
}

/** What the call made outdated. Other cookies do so, too: the function's, or those of the proxy that has let it pass. */
function revalidated({ work, match }: Scene): Revalidated | null {
  return work.setCookies.length > 0 || match.cookiesSet === true ? Revalidated.All : work.revalidated;
}

function headersOf(scene: Scene, more: [string, string][]): [string, string][] {
  const { work } = scene;
  const outdated = revalidated(scene);
  return [
    ["vary", RSC_VARY],
    ...more,
    ...(outdated === null ? [] : ([[ACTION_REVALIDATED_HEADER, String(outdated)]] satisfies [string, string][])),
    ...work.setCookies.map((cookie): [string, string] => ["set-cookie", cookie]),
  ];
}

async function payload(scene: Scene, status: number, answer: ActionPayload, temporaryReferences?: object): Promise<RenderedDocument> {
  const { environment, work } = scene;
  // React hears of it when it serialises it.
  answer.result.catch(() => {});
  const flight = runWork(work, () =>
    renderToPipeableStream(answer, environment.host.clientReferences, {
      temporaryReferences,
      onError: (error) => reportError(environment.host, work, error, { ...PAYLOAD, routeType: "action" }),
    }),
  );
  return {
    status,
    headers: headersOf(scene, [["content-type", RSC_CONTENT_TYPE], ["cache-control", cacheControl(null)]]),
    shared: false,
    cache: Promise.resolve(null),
    // React asks for a Node stream and uses the few members that a destination has.
    pipe: (sink) => void flight.pipe(sink as unknown as Writable),
    abandon: () => flight.abort(new Error("the client has gone")),
  };
}
