// What this server module was initialised with: the same for all of its requests.
import type { Host } from "./host.ts";
import type { ServerConfig } from "./routes.ts";

let host: Host | null = null;

/** Sets the host, before any request. */
export function provideHost(given: Host): void {
  host = given;
}

/** The host. */
export function currentHost(): Host {
  if (host === null) throw new Error("the server module was not initialised");
  return host;
}

/** The host, if there is one yet. */
export function provided(): Host | null {
  return host;
}

let build: { id: string; config: ServerConfig } | null = null;

/** Sets which build this is, before any request. */
export function provideBuild(id: string, config: ServerConfig): void {
  build = { id, config };
}

/** The configuration of the app. */
export function currentConfig(): ServerConfig {
  if (build === null) throw new Error("the server module was not initialised");
  return build.config;
}

/** The id of the build. */
export function currentBuild(): string {
  if (build === null) throw new Error("the server module was not initialised");
  return build.id;
}
