// A page as far as it is the same for everybody: rendered twice, so that the second time everything is at hand that is kept.
import { prerender } from "react-server-dom-webpack/static.node";
import { parseAccess, parseRedirect } from "../../shared/control-flow.ts";
import { FlightTee } from "../flight-tee.ts";
import { branch as branchOf } from "../routes.ts";
import { runWork } from "../work.ts";
import { build, headers, HTML_TYPE, noting, NoShell, policy, unknownParams } from "./attempt.ts";
import { COMPONENTS, reportError } from "./errors.ts";
import { Holes } from "./holes.ts";
import { encodeRest, keptBy, provideKept } from "./kept.ts";
import { pageTrail } from "./payload.tsx";
import { Stage } from "./stage.ts";
import type { RoutePayload } from "../../shared/payload.ts";
import type { RenderedDocument, SsrInput, SsrShell } from "../host.ts";
import type { Attempt, Built, Steer } from "./attempt.ts";
import type { Kept } from "./kept.ts";

/** Why a render was ended that has come as far as it goes. */
const ENDED = new Error("what is left differs by request");

interface Flight {
  bytes: Uint8Array;
  /** The client modules that it names. */
  named: ReadonlySet<string>;
  isWhole: boolean;
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The payload's bytes as far as they go; those that are used, if there is a stage. */
async function flightOf({ environment, work }: Attempt, payload: RoutePayload, stage: Stage | null): Promise<Flight> {
  const controller = new AbortController();
  let isWhole = false;
  const named = new Set<string>();
  const patience = work.holes?.patience();
  const render = (): ReturnType<typeof prerender> =>
    prerender(payload, noting(environment.host.clientReferences, named), {
      signal: controller.signal,
      onError: (error) => (error === ENDED || stage === null ? undefined : reportError(environment.host, work, error, COMPONENTS)),
    });
  const rendering = stage === null ? render() : stage.run(render);
  void rendering.then(
    () => (isWhole = true),
    () => {},
  );
  await Promise.race([rendering, patience]);
  // What has come just now is part of it.
  await Promise.resolve();
  const isDone = isWhole;
  stage?.end();
  controller.abort(ENDED);
  const { prelude } = await rendering;
  return { bytes: await bytesOf(prelude), named, isWhole: isDone };
}

/** The bytes as a stream that ends only where the payload does: what is missing never comes. */
function streamOf({ bytes, isWhole }: Flight): FlightTee {
  const tee = new FlightTee();
  tee.write(bytes);
  if (isWhole) tee.end();
  return tee;
}

/** Fills the caches that the page uses, and loads its modules. */
async function fill(attempt: Attempt, kept: Kept, steer: Steer): Promise<void> {
  const { work } = attempt;
  work.holes = new Holes("fill");
  provideKept(work, kept);
  const built = await build(attempt, steer);
  if ("payload" in built) await flightOf(attempt, built.payload, null);
}

/** What SSR of a shell is told, besides the payload. */
export type ShellInput = (attempt: Attempt, flight: FlightTee, failures: unknown[]) => SsrInput;

/** Renders a page as far as it goes. Throws `NoShell` if that is nowhere. */
export async function renderPartly(make: () => Attempt, input: ShellInput, steer: Steer): Promise<Response | RenderedDocument> {
  const kept: Kept = new Map();
  const first = make();
  await runWork(first.work, () => fill(first, kept, steer)).catch(() => {});
  first.work.holes?.throwIfGivenUp();
  const last = make();
  last.work.holes = new Holes("final");
  provideKept(last.work, kept);
  return runWork(last.work, () => renderShell(last, input, steer));
}

/** The last render: everything that is kept is at hand. */
export async function renderShell(attempt: Attempt, input: ShellInput, steer: Steer): Promise<Response | RenderedDocument> {
  const before = new Stage("server");
  const built = await before.run(() => build(attempt, steer));
  before.end();
  before.signal.throwIfAborted();
  if (!("payload" in built)) return built;
  const server = new Stage("server");
  const flight = await flightOf(attempt, built.payload, server);
  server.signal.throwIfAborted();
  if (attempt.whole && !flight.isWhole) {
    const isMetadata = built.late !== undefined && (await isWholeWithoutMetadata(attempt, steer));
    throw new NoShell(isMetadata ? "metadata" : "page", attempt.work.holes?.asked[0]);
  }
  const { default: ssr } = await attempt.environment.host.loadSsr();
  const failures: unknown[] = [];
  const client = new Stage("client");
  let shell;
  try {
    shell = await ssr.prerender({ ...input(attempt, streamOf(flight), failures), named: flight.named, isWhole: flight.isWhole, stage: client });
  } catch (error) {
    const answer = await steer(attempt, error, built.access() ?? pageTrail(branchOf(attempt.tree)));
    if (answer !== null) return answer;
    throw error;
  }
  const isEmpty = shell.html.length === 0;
  // Of a page that is all there, everybody can be told how it ends.
  if (isEmpty || isWhole(flight, shell)) {
    if (isEmpty) client.signal.throwIfAborted();
    const steering = failures.find((error) => parseAccess(error) !== null || parseRedirect(error) !== null);
    const answer = steering === undefined ? null : await steer(attempt, steering, built.access() ?? pageTrail(branchOf(attempt.tree)));
    if (answer !== null) return answer;
    if (isEmpty) throw new NoShell("page", attempt.work.holes?.asked[0]);
  }
  // As in Next: where nothing else differs by request, that metadata does is a mistake more often than not.
  if (built.late !== undefined && !client.leavesOut && attempt.environment.host.building && (await isWholeWithoutMetadata(attempt, steer))) throw new NoShell("metadata");
  return documentOf(attempt, built, flight, shell);
}

async function isWholeWithoutMetadata(attempt: Attempt, steer: Steer): Promise<boolean> {
  const built = await build({ ...attempt, late: "never" }, steer);
  return "payload" in built && (await flightOf(attempt, built.payload, null)).isWhole;
}

/** Whether nothing is left to a request. */
function isWhole(flight: Flight, shell: SsrShell): boolean {
  return flight.isWhole && shell.postponed === null;
}

function documentOf(attempt: Attempt, built: Built, flight: Flight, shell: SsrShell): RenderedDocument {
  const rest = isWhole(flight, shell) ? null : encodeRest({ postponed: shell.postponed, late: built.late !== undefined, unknown: [...unknownParams(attempt)], kept: keptBy(attempt.work) ?? new Map() });
  return {
    status: attempt.status,
    headers: rest === null ? headers(attempt, HTML_TYPE) : headers(attempt, HTML_TYPE, null),
    shared: policy(attempt) !== null,
    cache: Promise.resolve(policy(attempt)),
    ...(rest && { unfinished: { payload: flight.bytes, rest } }),
    pipe(sink) {
      sink.write(shell.html);
      if (rest === null) sink.flight(flight.bytes);
      sink.flush();
      sink.end();
    },
    abandon() {},
  };
}
