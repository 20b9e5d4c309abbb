// The functions that give another result each time: what is prerendered is the same for everybody, so it has none of them.
// They are replaced by functions that tell when they are called, and are the same otherwise.

/** What was called. */
export interface UnstableValue {
  /** As it is written: "Math.random()". */
  expression: string;
  kind: "random" | "current-time" | "crypto";
}

/** The part of a global object that has them. */
export interface Realm {
  Math: Pick<Math, "random">;
  Date: DateConstructor;
  crypto: Pick<Crypto, "randomUUID" | "getRandomValues">;
}

/** `watched` is the innermost function that is none of who called. */
export type Tell = (value: UnstableValue, watched: (...args: never[]) => unknown) => void;

function replace(owner: object, key: string, value: unknown): void {
  Object.defineProperty(owner, key, { ...Object.getOwnPropertyDescriptor(owner, key), value });
}

/** Has a method tell of each call that `tells` does not except. */
function watch(owner: object, key: string, value: UnstableValue, tell: Tell, tells: (args: unknown[]) => boolean = () => true): void {
  const method: unknown = Reflect.get(owner, key);
  if (typeof method !== "function") return;
  const apply = (target: typeof method, self: unknown, args: unknown[]): unknown => {
    if (tells(args)) tell(value, apply);
    return Reflect.apply(target, self, args);
  };
  replace(owner, key, new Proxy(method, { apply }));
}

/** A date of its own is the same each time; one of nothing, and what `Date()` says, is the current time. */
function watchDate(realm: Realm, tell: Tell): void {
  const { Date: original } = realm;
  watch(original, "now", { expression: "Date.now()", kind: "current-time" }, tell);
  const apply = (target: DateConstructor, self: unknown, args: never[]): string => {
    tell({ expression: "Date()", kind: "current-time" }, apply);
    return Reflect.apply(target, self, args);
  };
  const construct = (target: DateConstructor, args: never[], newTarget: DateConstructor): Date => {
    if (args.length === 0) tell({ expression: "new Date()", kind: "current-time" }, construct);
    return Reflect.construct(target, args, newTarget) as Date;
  };
  const watched = new Proxy(original, { apply, construct });
  replace(original.prototype, "constructor", watched);
  replace(realm, "Date", watched);
}

/** Has everything in a realm tell that gives another result each time. */
export function watchUnstableValues(realm: Realm, tell: Tell): void {
  watch(realm.Math, "random", { expression: "Math.random()", kind: "random" }, tell);
  watchDate(realm, tell);
  const { prototype } = realm.crypto.constructor as { prototype: object };
  for (const name of ["randomUUID", "getRandomValues"]) watch(prototype, name, { expression: `crypto.${name}()`, kind: "crypto" }, tell);
}

/** What `node:crypto` makes at once. With a callback it is made later, which is as good as waiting for it. */
const NODE_CRYPTO = ["generateKeyPairSync", "generateKeySync", "generatePrimeSync", "randomBytes", "randomFillSync", "randomInt", "randomUUID"];

/** Has the functions of `node:crypto` tell that make another result each time. */
export function watchNodeCrypto(crypto: object, tell: Tell): void {
  const calledBack = (args: unknown[]): boolean => typeof args.at(-1) === "function";
  for (const name of NODE_CRYPTO) {
    watch(crypto, name, { expression: `require("node:crypto").${name}()`, kind: "crypto" }, tell, (args) => !calledBack(args));
  }
}
