// Whether a call comes from the app's own pages. Browsers say where a request that changes something comes from. Pure.

/** What a request says of itself. */
export interface Whereabouts {
  /** `Origin`. */
  origin: string | undefined;
  /** `x-forwarded-host`, as the outermost proxy saw it first. */
  forwardedHost: string | undefined;
  /** `Host`. */
  host: string | undefined;
}

/** Whether the request comes from another site than the one it is for, and from none that is allowed. */
export function isForeign({ origin, forwardedHost, host }: Whereabouts, allowed: readonly string[]): boolean {
  // Not sent by browsers that are too old to know it, and by programs, which no visitor's cookies are with.
  if (origin === undefined) return false;
  const from = hostOf(origin);
  if (from === null) return true;
  const here = forwardedHost?.split(",")[0]?.trim() ?? host;
  return from !== here?.toLowerCase() && !allowed.some((pattern) => matchesHost(from, pattern.toLowerCase()));
}

/** The host and port of an origin; `null` for "null", which hides one, and for what is none. */
function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host || null;
  } catch {
    return null;
  }
}

/** Whether a host is what a pattern says: `*` is one label, `**` at the start any number of them. */
export function matchesHost(host: string, pattern: string): boolean {
  const labels = host.split(".");
  const wanted = pattern.split(".");
  if (wanted.length === 1 && (pattern === "*" || pattern === "**")) return false;
  if (wanted[0] === "**") {
    const rest = wanted.slice(1);
    return labels.length > rest.length && matchesLabels(labels.slice(-rest.length), rest);
  }
  return labels.length === wanted.length && matchesLabels(labels, wanted);
}

function matchesLabels(labels: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((label, index) => (label === "*" ? labels[index] !== "" : label === labels[index]));
}
