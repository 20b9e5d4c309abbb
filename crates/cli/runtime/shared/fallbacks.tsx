// The pages that the framework shows when the app has none of its own. Plain elements: they render in every graph.
import type { CSSProperties, ReactNode } from "react";
import type { AccessStatus } from "./control-flow.ts";

const MESSAGES: Record<AccessStatus, string> = {
  401: "You're not authorized to access this page.",
  403: "This page could not be accessed.",
  404: "This page could not be found.",
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
const line: CSSProperties = { fontWeight: 400, lineHeight: "49px" };

/** The default interface of `not-found`, `forbidden` and `unauthorized`. `document`: with its own `<html>`. */
export function HttpErrorPage({ status, document = false }: { status: AccessStatus; document?: boolean }): ReactNode {
  const content = (
    <>
      <title>{`${status}: ${MESSAGES[status]}`}</title>
      <div style={centered}>
        <div>
          <h1
            className="next-error-h1"
            style={{ display: "inline-block", margin: "0 20px 0 0", padding: "0 23px 0 0", fontSize: 24, fontWeight: 500, verticalAlign: "top", lineHeight: "49px" }}
          >
            {status}
          </h1>
          <div style={{ display: "inline-block" }}>
            <h2 style={{ fontSize: 14, ...line, margin: 0 }}>{MESSAGES[status]}</h2>
          </div>
        </div>
      </div>
    </>
  );
  return document ? <Page>{content}</Page> : content;
}

/** The default `global-error`: replaces the whole document. */
export function DefaultGlobalError({ error }: { error?: { digest?: string } }): ReactNode {
  // Errors of the server come with a digest in place of their message.
  const digest = error?.digest;
  return (
    <Page>
      <title>This page couldn’t load</title>
      <div style={centered}>
        <h1 style={{ fontSize: 24, fontWeight: 500, margin: "0 0 12px" }}>This page couldn’t load</h1>
        <p style={{ fontSize: 14, lineHeight: "21px", margin: "0 0 20px" }}>
          {digest ? "A server error occurred. Reload to try again." : "Reload to try again, or go back."}
        </p>
        <div style={{ display: "flex", gap: 8 }}>
          {/* A form works before any script does. */}
          <form style={{ margin: 0 }}>
            <button type="submit">Reload</button>
          </form>
          {digest ? null : (
            <button type="button" onClick={() => history.back()}>
              Back
            </button>
          )}
        </div>
        {digest ? <p style={{ position: "fixed", bottom: 32, margin: 0, fontFamily: "ui-monospace,monospace", fontSize: 12 }}>{`ERROR ${digest}`}</p> : null}
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
