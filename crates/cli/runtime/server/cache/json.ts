// What an app gives, as JSON; what JSON cannot say is named with its place. Pure.

/** What cannot be written, and where it is. */
interface Unwritable {
  path: string;
  what: string;
}

/** Deeper than this nothing is looked for. */
const DEPTH = 200;

function step(path: string, name: string): string {
  if (/^\d+$/.test(name)) return `${path}[${name}]`;
  return /^[\w$]+$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}

function asWritten(value: object): unknown {
  return "toJSON" in value && typeof value.toJSON === "function" ? (value.toJSON as () => unknown)() : value;
}

function find(given: unknown, path: string, above: readonly object[]): Unwritable | null {
  let value = given;
  try {
    if (typeof value === "object" && value !== null) value = asWritten(value);
  } catch (error) {
    return { path, what: `something whose toJSON() fails (${String(error)})` };
  }
  if (typeof value === "bigint") return { path, what: "a BigInt" };
  if (typeof value !== "object" || value === null || above.length > DEPTH) return null;
  if (above.includes(value)) return { path, what: "a part of itself" };
  const inside = [...above, value];
  for (const name of Object.keys(value)) {
    let part: unknown;
    try {
      part = (value as Record<string, unknown>)[name];
    } catch (error) {
      return { path: step(path, name), what: `a property that cannot be read (${String(error)})` };
    }
    const found = find(part, step(path, name), inside);
    if (found !== null) return found;
  }
  return null;
}

/** The JSON of a value that `caller` calls `name`; `undefined` if it is something that JSON leaves out. */
export function jsonOf(value: unknown, name: string, caller: string): string | undefined {
  try {
    return JSON.stringify(value) as string | undefined;
  } catch (error) {
    const found = find(value, name, []);
    if (found === null) throw error;
    throw new TypeError(`${caller}: \`${found.path}\` is ${found.what}, which cannot be written as JSON`, { cause: error });
  }
}
