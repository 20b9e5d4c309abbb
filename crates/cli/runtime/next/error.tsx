"use client";
// `next/error`: the default error page, and error boundaries that leave the framework's own errors alone.
import type { ComponentType, ReactNode } from "react";
import { ErrorCatch } from "../client/boundaries.tsx";
import type { ErrorInfo } from "../client/boundaries.tsx";

export type { ErrorInfo };

const MESSAGES: Partial<Record<number, string>> = {
  400: "Bad Request",
  404: "This page could not be found",
  405: "Method Not Allowed",
  500: "Internal Server Error",
};

/** A page that says which error occurred. */
export default function ErrorPage({
  statusCode,
  title,
}: {
  statusCode: number;
  title?: string;
  withDarkMode?: boolean;
}): ReactNode {
  return (
    <div style={{ fontFamily: "system-ui,sans-serif", padding: "20vh 2em", textAlign: "center" }}>
      <h1 style={{ fontSize: 24 }}>{statusCode}</h1>
      <h2 style={{ fontSize: 14, fontWeight: 400 }}>
        {title ?? MESSAGES[statusCode] ?? "An unexpected error has occurred"}.
      </h2>
    </div>
  );
}

/** A component that shows `fallback` for errors of its children until the page changes. */
export function catchError<P extends object>(
  fallback: (props: P, info: ErrorInfo) => ReactNode,
): ComponentType<P & { children?: ReactNode }> {
  return function CatchError(props: P & { children?: ReactNode }): ReactNode {
    return <ErrorCatch render={(info) => fallback(props, info)}>{props.children}</ErrorCatch>;
  };
}
