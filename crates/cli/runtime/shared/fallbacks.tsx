// The pages that the framework shows when the app has none of its own. Plain elements: they render in every graph.
import type { CSSProperties, ReactNode } from "react";
import type { AccessStatus } from "./control-flow.ts";

const MESSAGES: Record<AccessStatus, string> = {
  401: "You're not authorized to access this page.",
  403: "This page could not be accessed.",
  404: "This page could not be found.",
};

const centered: CSSProperties = {
  fontFamily: "system-ui,sans-serif",
  minHeight: "100vh",
  display: "flex",
  flexWrap: "wrap",
  gap: "0 1em",
  alignItems: "center",
  alignContent: "center",
  justifyContent: "center",
  textAlign: "center",
};

/** The default interface of `not-found`, `forbidden` and `unauthorized`. `document`: with its own `<html>`. */
export function HttpErrorPage({ status, document = false }: { status: AccessStatus; document?: boolean }): ReactNode {
  const content = (
    <>
      <title>{`${status}: ${MESSAGES[status]}`}</title>
      <div style={centered}>
        <h1 className="next-error-h1" style={{ fontSize: 24 }}>
          {status}
        </h1>
        <h2 style={{ fontSize: 14, fontWeight: 400 }}>{MESSAGES[status]}</h2>
      </div>
    </>
  );
  return document ? <Page>{content}</Page> : content;
}

/** The default `global-error`: replaces the whole document. */
export function DefaultGlobalError({ error }: { error?: { digest?: string } }): ReactNode {
  return (
    <Page>
      <title>This page couldn’t load</title>
      <div style={centered}>
        <h2 style={{ fontSize: 14, fontWeight: 400 }}>This page couldn’t load. Reload to try again.</h2>
        {error?.digest ? <code>{error.digest}</code> : null}
      </div>
    </Page>
  );
}

function Page({ children }: { children: ReactNode }): ReactNode {
  return (
    <html id="__next_error__" lang="en">
      <body style={{ margin: 0 }}>{children}</body>
    </html>
  );
}
