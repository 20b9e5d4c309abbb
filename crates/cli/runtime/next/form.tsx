"use client";
// `next/form`: a form whose GET submission the router follows.
import { use, useEffect, useRef } from "react";
import type { FormHTMLAttributes, ReactNode, Ref, SubmitEvent } from "react";
import { RouterContext } from "../client/contexts.ts";
import { prefetchWhenVisible } from "../client/router/prefetch.ts";
import { clientConfig } from "../shared/config.ts";
import { formAddress } from "../shared/form-address.ts";
import { resolveTarget, toBrowserHref } from "../shared/href.ts";

/** Props of `Form`. */
export interface FormProps extends Omit<
  FormHTMLAttributes<HTMLFormElement>,
  "action" | "method" | "encType" | "target"
> {
  /** The page that shows the result, or a Server Action. */
  action: string | ((data: FormData) => void | Promise<void>);
  /** Replaces the history entry instead of adding one. */
  replace?: boolean;
  /** Whether to scroll to the top of the new page. Default: true. */
  scroll?: boolean;
  /** `false`: the page is not fetched in advance. */
  prefetch?: false | null;
  ref?: Ref<HTMLFormElement>;
}

/** A search form, or any other whose fields become the query of a page. */
export default function Form({
  action,
  replace,
  scroll,
  prefetch = null,
  onSubmit,
  ref,
  ...attributes
}: FormProps): ReactNode {
  const router = use(RouterContext);
  const form = useRef<HTMLFormElement>(null);
  const ahead = process.env.NODE_ENV === "production" && prefetch !== false && typeof action === "string";

  useEffect(() => {
    if (!ahead || typeof action !== "string" || form.current === null) return;
    const target = resolveTarget(action, location.href, clientConfig());
    return target.kind === "route" ? prefetchWhenVisible(form.current, target.href, false) : undefined;
  }, [action, ahead]);

  if (typeof action !== "string") return <form {...attributes} ref={ref} action={action} onSubmit={onSubmit} />;

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    onSubmit?.(event);
    if (event.defaultPrevented || router === null || typeof action !== "string") return;
    const button = event.submitter;
    const own = (name: string): string | null => button?.getAttribute(name) ?? null;
    if (own("formmethod") ?? own("formenctype") ?? own("formtarget")) return;
    const data = new FormData(event.currentTarget, button);
    const overriding = own("formaction");
    const base = overriding === null ? action : new URL(overriding, location.href).href;
    const address = formAddress(base === "" ? location.pathname : base, data);
    event.preventDefault();
    router[replace ? "replace" : "push"](address, { scroll });
  }

  return (
    <form
      {...attributes}
      action={toBrowserHref(action, clientConfig())}
      onSubmit={submit}
      ref={(element) => {
        form.current = element;
        if (typeof ref === "function") return ref(element);
        if (ref) ref.current = element;
      }}
    />
  );
}
