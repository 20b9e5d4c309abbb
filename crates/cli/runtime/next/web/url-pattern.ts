/** The platform's own. */
export const URLPattern: unknown = Reflect.get(globalThis, "URLPattern");
