// The functions that give another result each time: what is prerendered is the same for everybody, so it has none of them.
// They are replaced by functions that tell when they are called, and are the same otherwise. `randomBytes` and `randomUUID`
// of `node:crypto` call the ones that are replaced here; its other functions are exports, which nothing can replace.

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

type Tell = (value: UnstableValue) => void;

function replace(owner: object, key: string, value: unknown): void {
  Object.defineProperty(owner, key, { ...Object.getOwnPropertyDescriptor(owner, key), value });
}

/** Has a method tell of each call. */
function watch(owner: object, key: string, value: UnstableValue, tell: Tell): void {
  const method: unknown = Reflect.get(owner, key);
  if (typeof method !== "function") return;
  const watched = new Proxy(method, {
    apply(target, self, args: unknown[]) {
      tell(value);
      return Reflect.apply(target, self, args);
    },
  });
  replace(owner, key, watched);
}

/** A date of its own is the same each time; one of nothing, and what `Date()` says, is the current time. */
function watchDate(realm: Realm, tell: Tell): void {
  const { Date: original } = realm;
  watch(original, "now", { expression: "Date.now()", kind: "current-time" }, tell);
  const watched = new Proxy(original, {
    apply(target, self, args) {
      tell({ expression: "Date()", kind: "current-time" });
      return Reflect.apply(target, self, args) as string;
    },
    construct(target, args, newTarget) {
      if (args.length === 0) tell({ expression: "new Date()", kind: "current-time" });
      return Reflect.construct(target, args, newTarget) as Date;
    },
  });
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
