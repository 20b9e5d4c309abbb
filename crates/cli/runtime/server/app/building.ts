// What a build that prerenders is told: a body for everybody, or that there is none.
import { pagePolicy } from "../cache/lifetime.ts";
import type { RenderedDocument } from "../host.ts";
import type { Work } from "../work.ts";

const NO_CONTENT = 204;

/** Tells modules that ask that they are part of a build, as Next does. */
export function announceBuild(): void {
  process.env["NEXT_PHASE"] = "phase-production-build";
}

/** The route depends on the request: nobody's answer is made ahead of who asks. */
export function dynamicAnswer(): RenderedDocument {
  return withoutBody({ status: NO_CONTENT, headers: [], shared: false, cache: Promise.resolve(null), prerendered: "dynamic" });
}

/** What a prerender has answered. */
export function prerenderedAnswer(answer: Response | RenderedDocument, work: Work): RenderedDocument {
  const isFailed = work.failed || answer.status >= 500;
  if (!(answer instanceof Response)) return { ...answer, prerendered: isFailed ? "failed" : "static" };
  // A redirect: what is known of it is its head.
  const headers: [string, string][] = [...answer.headers];
  return withoutBody({ status: answer.status, headers, shared: !isFailed, cache: Promise.resolve(isFailed ? null : pagePolicy(work)), prerendered: isFailed ? "failed" : "static" });
}

function withoutBody(head: Omit<RenderedDocument, "pipe" | "abandon">): RenderedDocument {
  return {
    ...head,
    pipe(sink) {
      sink.flush();
      sink.end();
    },
    abandon() {},
  };
}
