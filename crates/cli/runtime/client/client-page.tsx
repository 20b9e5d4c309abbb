"use client";
// A page that is itself a client component reads the address in the browser, so that asking for the query does not make
// the route dynamic.
import { use } from "react";
import type { ComponentType, ReactNode } from "react";
import { NEVER, ParamsContext, SearchParamsContext, SegmentContext } from "./contexts.ts";
import { clientConfig } from "../shared/config.ts";
import { DYNAMIC, digestError } from "../shared/control-flow.ts";
import { queryRecord } from "../shared/query.ts";
import type { Query } from "../shared/query.ts";
import type { Params } from "./router/params.ts";

/** Props of a page. */
export interface PageProps {
  params: Promise<Params>;
  searchParams: Promise<Query>;
}

interface Settled<T> extends Promise<T> {
  status?: "fulfilled";
  value?: T;
}

/** A promise that `use` reads without suspending. */
function settled<T>(value: T): Promise<T> {
  const promise: Settled<T> = Promise.resolve(value);
  promise.status = "fulfilled";
  promise.value = value;
  return promise;
}

const promises = new WeakMap<object, Promise<unknown>>();

function promiseOf<T>(source: object, make: () => T): Promise<T> {
  const known = promises.get(source);
  if (known !== undefined) return known as Promise<T>;
  const promise = settled(make());
  promises.set(source, promise);
  return promise;
}

/** Renders `Page` with promises of the address's parts. */
export function ClientPage({ Page }: { Page: ComponentType<PageProps> }): ReactNode {
  const params = use(ParamsContext);
  const search = use(SearchParamsContext);
  // A page that is hidden keeps the parameters with which its segment was shown; the address has others then.
  const segment = process.env.__NEXT_CACHE_COMPONENTS === "true" ? use(SegmentContext) : null;
  const searchParams = search === null ? pending() : promiseOf(search, () => queryRecord(search));
  return <Page params={params === null ? NEVER : promiseOf(segment ?? params, () => params)} searchParams={searchParams} />;
}

/** A prerendered page has no query: whoever reads it has to be rendered per request, or all of the page has. */
function pending(): Promise<never> {
  if (clientConfig().partial) return NEVER;
  const reason = digestError("searchParams", DYNAMIC);
  const promise: Promise<never> & { status?: "rejected"; reason?: unknown } = Promise.reject(reason);
  promise.catch(() => {});
  promise.status = "rejected";
  promise.reason = reason;
  return promise;
}
