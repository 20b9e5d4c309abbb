// A data cache in memory, and requests to use it from: for tests.
import { provideHost } from "../server/host-access.ts";
import { newWork } from "../server/work.ts";
import type { DataFound, DataOptions, Host, IncomingRequest } from "../server/host.ts";
import type { Work } from "../server/work.ts";

interface Stored {
  value: Uint8Array;
  options: DataOptions;
  state: "fresh" | "stale" | "gone";
}

/** What a test sees of the host. */
export interface TestHost {
  entries: Map<string, Stored>;
  /** Tickets that were given and not returned. */
  open: Map<number, string>;
  /** Keys that were given back without a value. */
  failed: string[];
  looks: { key: string; kind: string; tags: string[]; softTags: string[]; revalidate: number | false }[];
  errors: string[];
  /** Everything that somebody was asked to wait for. */
  settled(): Promise<void>;
  /** What carries the tag is stale, or gone. */
  invalidate(tag: string, state: "stale" | "gone"): void;
}

/** Provides a host. */
export function testHost(more: Partial<Host> = {}): TestHost {
  const entries = new Map<string, Stored>();
  const open = new Map<number, string>();
  const waiting: Promise<unknown>[] = [];
  const landed = new Map<string, (() => void)[]>();
  let tickets = 0;
  const test: TestHost = {
    entries,
    open,
    failed: [],
    looks: [],
    errors: [],
    async settled() {
      while (waiting.length > 0) await Promise.all(waiting.splice(0));
    },
    invalidate(tag, state) {
      for (const entry of entries.values()) if (entry.options.tags.includes(tag)) entry.state = state;
    },
  };
  const close = (ticket: number): string => {
    const key = open.get(ticket);
    if (key === undefined) throw new Error(`the ticket ${ticket} is nobody's`);
    open.delete(ticket);
    for (const tell of landed.get(key) ?? []) tell();
    landed.delete(key);
    return key;
  };
  const board = (key: string): number | undefined => {
    if ([...open.values()].includes(key)) return undefined;
    open.set(++tickets, key);
    return tickets;
  };
  const host = {
    building: false,
    draftSecret: "secret",
    log: (_level: string, message: string) => void test.errors.push(message),
    waitUntil: (promise: Promise<unknown>) => void waiting.push(promise),
    invalidate: (tags: string[], expire: number | null) => {
      for (const tag of tags) test.invalidate(tag, expire === 0 ? "gone" : "stale");
    },
    data: {
      async look(key: string, kind: string, tags: string[], softTags: string[], revalidate: number | false): Promise<DataFound> {
        test.looks.push({ key, kind, tags, softTags, revalidate });
        for (;;) {
          const entry = entries.get(key);
          if (entry?.state === "fresh" && revalidate !== 0) return { state: "fresh", value: entry.value };
          const ticket = board(key);
          if (entry !== undefined && entry.state !== "gone") return { state: "stale", value: entry.value, ...(ticket !== undefined && { ticket }) };
          if (ticket !== undefined) return { state: "miss", ticket };
          await new Promise<void>((resolve) => landed.set(key, [...(landed.get(key) ?? []), resolve]));
        }
      },
      async fill(ticket: number, value: Uint8Array, options: DataOptions): Promise<void> {
        entries.set(open.get(ticket) ?? "", { value, options, state: "fresh" });
        close(ticket);
      },
      fail: (ticket: number) => void test.failed.push(close(ticket)),
    },
    ...more,
  };
  provideHost(host as unknown as Host);
  return test;
}

/** A request's state. */
export function testWork(mode: Work["mode"], more: Partial<Work> = {}, headers: string[] = []): Work {
  const request: IncomingRequest = { method: "GET", url: "http://localhost/x", rawHeaders: headers, signal: new AbortController().signal, ended: Promise.resolve(), toRequest: () => new Request("http://localhost/x") };
  return { ...newWork(request, mode), routeId: "/x/page", pathname: "/x", ...more };
}
