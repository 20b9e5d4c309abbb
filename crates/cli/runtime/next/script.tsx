"use client";
// `next/script`: a script that is loaded once per document, when its strategy says.
import { use, useEffect, useRef } from "react";
import type { ReactNode, ScriptHTMLAttributes } from "react";
import { preload } from "react-dom";
import { NonceContext } from "../client/contexts.ts";

/** Props of `Script`. */
export interface ScriptProps extends Omit<ScriptHTMLAttributes<HTMLScriptElement>, "onLoad" | "onError"> {
  strategy?: "beforeInteractive" | "afterInteractive" | "lazyOnload" | "worker";
  /** Runs once, when the script is loaded. */
  onLoad?: (event: Event) => void;
  /** Runs when the script is loaded and each time the component is mounted again. */
  onReady?: () => void;
  onError?: (event: unknown) => void;
  /** Stylesheets that come with the script. */
  stylesheets?: string[];
}

export type { ScriptProps as Props };

/** Scripts by id or address: none runs twice. */
const loaded = new Map<string, Promise<Event>>();

/** Loads a script now. */
export function handleClientScriptLoad(props: ScriptProps): void {
  const {
    id,
    src,
    onLoad,
    onReady,
    onError,
    strategy = "afterInteractive",
    children,
    dangerouslySetInnerHTML,
    stylesheets,
    ...attributes
  } = props;
  const key = id ?? src ?? "";
  const known = key === "" ? undefined : loaded.get(key);
  if (known) {
    // It was said already that it failed.
    known.then(() => onReady?.(), () => {});
    return;
  }
  const element = document.createElement("script");
  const done = new Promise<Event>((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
    if (src === undefined) resolve(new Event("load"));
  });
  if (key !== "") loaded.set(key, done);
  done.then((event) => {
    onLoad?.(event);
    onReady?.();
  }, onError);

  if (src !== undefined) element.src = src;
  else element.textContent = codeOf({ dangerouslySetInnerHTML, children });
  if (id !== undefined) element.id = id;
  element.dataset["nscript"] = strategy;
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  for (const href of stylesheets ?? []) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
  }
  document.body.append(element);
}

function setAttribute(element: HTMLScriptElement, name: string, value: unknown): void {
  const attribute = name === "className" ? "class" : name.toLowerCase();
  if (name === "async" || name === "noModule") {
    element[name] = Boolean(value);
  } else if (value !== false && value !== undefined && value !== null) {
    element.setAttribute(attribute, value === true ? "" : String(value));
  }
}

/** Loads several scripts, each when its strategy says. */
export function initScriptLoader(items: ScriptProps[]): void {
  for (const item of items) schedule(item);
}

function schedule(props: ScriptProps): void {
  if (props.strategy !== "lazyOnload") return handleClientScriptLoad(props);
  const whenIdle = (): void => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => handleClientScriptLoad(props));
    else setTimeout(() => handleClientScriptLoad(props), 1);
  };
  if (document.readyState === "complete") whenIdle();
  else addEventListener("load", whenIdle, { once: true });
}

/** What a script runs that has no address. */
function codeOf({ dangerouslySetInnerHTML, children }: Pick<ScriptProps, "dangerouslySetInnerHTML" | "children">): string {
  const code = dangerouslySetInnerHTML?.__html ?? children;
  return Array.isArray(code) ? code.join("") : String(code ?? "");
}

/** Code as it stands in a document. Nothing in it ends its element or begins another one, and it means the same: an escape in
 * a text, or in a name, is that letter. */
function inDocument(code: string): string {
  return code.replace(/(<\/?)(s)(?=cript)/gi, (_, before: string, letter: string) => `${before}\\u00${letter === "s" ? "73" : "53"}`);
}

/** A script of the page or of another site. */
export default function Script(props: ScriptProps): ReactNode {
  const { strategy = "afterInteractive", src, onLoad, onReady, onError, stylesheets, children, dangerouslySetInnerHTML, ...attributes } = props;
  const early = strategy === "beforeInteractive";
  const documents = use(NonceContext);
  const nonce = props.nonce ?? documents;
  const mounted = useRef(false);

  useEffect(() => {
    if (mounted.current) return;
    mounted.current = true;
    if (early) onReady?.();
    else schedule(props);
  });

  if (src !== undefined && (early || strategy === "afterInteractive")) {
    preload(src, { as: "script", integrity: props.integrity, nonce, crossOrigin: props.crossOrigin });
  }
  // Neither async nor deferred: early scripts run in their order, and before the one that hydrates, which comes last.
  if (!early) return null;
  const code = src === undefined ? { __html: inDocument(codeOf({ dangerouslySetInnerHTML, children })) } : undefined;
  return <script {...attributes} nonce={nonce} src={src} data-nscript={strategy} dangerouslySetInnerHTML={code} />;
}
