// The part of the configuration that rendering in the browser and during SSR has to know.

/** What `self.__vinext` holds. */
export interface ClientConfig {
  /** Path prefix of the whole app: "" or "/docs". */
  basePath: string;
  /** Whether canonical paths end in a slash. */
  trailingSlash: boolean;
  /** Whether the app renders in React's strict mode. */
  strict: boolean;
}

const DEFAULTS: ClientConfig = { basePath: "", trailingSlash: false, strict: false };

/** The configuration as the document or the server module announced it. */
export function clientConfig(): ClientConfig {
  return globalThis.__vinext ?? DEFAULTS;
}
