// Errors with which calls of server functions end, for those who catch them.

/** The server has no function of this id: it runs another build. */
export class UnrecognizedActionError extends Error {
  override readonly name = "UnrecognizedActionError";
}

/** Redirects that the router follows already. */
const followed = new WeakSet<object>();

/** Notes that whoever catches this redirect has nothing to do. */
export function markFollowed(redirect: object): void {
  followed.add(redirect);
}

/** Whether the router follows this redirect already. */
export function isFollowed(error: unknown): boolean {
  return typeof error === "object" && error !== null && followed.has(error);
}
