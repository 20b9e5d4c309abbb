// What one request has got of cached functions: one call is made once, unless the request itself makes it outdated.
import type { Result } from "./results.ts";
import type { Work } from "../work.ts";

/** Results by their calls. */
export function callsOf(work: Work): Map<string, Promise<Result>> {
  const known = work.memo.get(callsOf) as Map<string, Promise<Result>> | undefined;
  if (known !== undefined) return known;
  const calls = new Map<string, Promise<Result>>();
  work.memo.set(callsOf, calls);
  return calls;
}

/** Something was made outdated: what is asked for from now on is looked up again. */
export function forgetCalls(work: Work): void {
  (work.memo.get(callsOf) as Map<string, Promise<Result>> | undefined)?.clear();
}
