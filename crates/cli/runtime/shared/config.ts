// The part of the configuration that rendering in the browser and during SSR has to know.

/** What `self.__vinext` holds. */
export interface ClientConfig {
  /** Path prefix of the whole app: "" or "/docs". */
  basePath: string;
  /** Whether canonical paths end in a slash. */
  trailingSlash: boolean;
  /** Whether a slash at the end of a path stays as it was written. */
  keepSlashes: boolean;
  /** Whether the app renders in React's strict mode. */
  strict: boolean;
  /** Seconds for which a page that was fetched whole in advance may be shown. Absent: 300. */
  staleTime?: number;
  /** Whether pages are rendered as far as they are the same for everybody. Only the server says. */
  partial?: boolean;
  /** What a form that was sent without JavaScript has led to: the document shows it already. */
  formState?: [result: unknown, key: string, id: string, bound: number];
}

const DEFAULTS: ClientConfig = { basePath: "", trailingSlash: false, keepSlashes: false, strict: false };

/** See `ClientConfig.staleTime`. */
export const STALE_TIME = 300;

/** The configuration as the document or the server module announced it. */
export function clientConfig(): ClientConfig {
  return globalThis.__vinext ?? DEFAULTS;
}
