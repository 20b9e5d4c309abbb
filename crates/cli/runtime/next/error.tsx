"use client";
// `next/error`: the default error page, and error boundaries that leave the framework's own errors alone.
import type { ComponentType, CSSProperties, ReactNode } from "react";
import { ErrorCatch } from "../client/boundaries.tsx";
import type { ErrorInfo } from "../client/boundaries.tsx";

export type { ErrorInfo };

/** Props of the default error page. */
export interface ErrorProps {
  statusCode: number;
  title?: string;
  withDarkMode?: boolean;
}

const MESSAGES: Partial<Record<number, string>> = {
  400: "Bad Request",
  404: "This page could not be found",
  405: "Method Not Allowed",
  500: "Internal Server Error",
};

const centered: CSSProperties = {
  fontFamily: 'system-ui,"Segoe UI",Roboto,Helvetica,Arial,sans-serif,"Apple Color Emoji","Segoe UI Emoji"',
  height: "100vh",
  textAlign: "center",
  display: "flex",
  flexDirection: "column",
  alignItems: "center",
  justifyContent: "center",
};
const status: CSSProperties = {
  display: "inline-block",
  margin: "0 20px 0 0",
  paddingRight: 23,
  fontSize: 24,
  fontWeight: 500,
  verticalAlign: "top",
};
const COLORS = "body{color:#000;background:#fff;margin:0}.next-error-h1{border-right:1px solid rgba(0,0,0,.3)}";
const DARK =
  "@media (prefers-color-scheme:dark){body{color:#fff;background:#000}.next-error-h1{border-right:1px solid rgba(255,255,255,.3)}}";

/** A page that says which error occurred. */
export default function ErrorPage({ statusCode, title, withDarkMode = true }: ErrorProps): ReactNode {
  return (
    <div style={centered}>
      <div style={{ lineHeight: "48px" }}>
        <style>{COLORS + (withDarkMode ? DARK : "")}</style>
        <h1 className="next-error-h1" style={status}>
          {statusCode}
        </h1>
        <div style={{ display: "inline-block" }}>
          <h2 style={{ fontSize: 14, fontWeight: 400, lineHeight: "28px" }}>
            {title ?? MESSAGES[statusCode] ?? "An unexpected error has occurred"}.
          </h2>
        </div>
      </div>
    </div>
  );
}
ErrorPage.displayName = "ErrorPage";

/** A component that shows `fallback` for errors of its children until the page changes. */
export function catchError<P extends object>(
  fallback: (props: P, info: ErrorInfo) => ReactNode,
): ComponentType<P & { children?: ReactNode }> {
  // A component of its own, so that `fallback` may use hooks and its errors go to the boundary above.
  function Fallback({ of, info }: { of: P; info: ErrorInfo }): ReactNode {
    return fallback(of, info);
  }
  return function CatchError(props: P & { children?: ReactNode }): ReactNode {
    return <ErrorCatch render={(info) => <Fallback of={props} info={info} />}>{props.children}</ErrorCatch>;
  };
}
