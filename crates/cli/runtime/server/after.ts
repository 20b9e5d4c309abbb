// `after`: what a request still has to do once its response has ended.
import { AsyncLocalStorage } from "node:async_hooks";
import { currentHost } from "./host-access.ts";
import { settleInvalidations } from "./invalidate.ts";
import { waitUntil } from "./wait-until.ts";
import { currentWork, runWork } from "./work.ts";
import type { Work } from "./work.ts";

type Task = () => unknown;

/** Nobody is there any more who could be told. */
async function settle(task: Task): Promise<void> {
  try {
    await task();
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    currentHost().log("error", `a task of after() failed: ${text}`);
  }
}

/** The tasks of a request. The first one has them run when the response has ended. */
function tasksOf(work: Work): Task[] {
  const known = work.memo.get(after) as Task[] | undefined;
  if (known !== undefined) return known;
  const tasks: Task[] = [];
  work.memo.set(after, tasks);
  waitUntil(work.request.ended.then(() => run(work, tasks)));
  return tasks;
}

async function run(work: Work, tasks: Task[]): Promise<void> {
  // Nobody saw this attempt: another one, with tasks of its own, has answered.
  if (work.mode === "prerender" && work.usedDynamic !== null) return;
  while (tasks.length > 0) await Promise.all(tasks.splice(0).map(settle));
  await settleInvalidations(work);
  // What comes later starts anew.
  work.memo.delete(after);
}

function isPromise(task: unknown): task is Promise<unknown> {
  return typeof task === "object" && task !== null && "then" in task && typeof task.then === "function";
}

/** Runs a task after the response has ended, or keeps what has begun from being cut off. */
export function after(task: Promise<unknown> | Task): void {
  const work = currentWork();
  if (work === undefined) throw new Error("`after` was called outside a request scope. Read more: https://nextjs.org/docs/messages/next-dynamic-api-wrong-context");
  if (isPromise(task)) return waitUntil(settle(() => task));
  if (typeof task !== "function") throw new Error("`after()`: Argument must be a promise or a function");
  const within = work.within ?? (work.mode === "handler" || work.mode === "action" ? "after handler" : "after render");
  const later: Work = { ...work, within };
  tasksOf(work).push(AsyncLocalStorage.bind(() => runWork(later, task)));
}
