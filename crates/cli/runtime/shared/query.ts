// The query as pages get it.

/** Values by name; a name that occurs more than once has all its values. */
export type Query = Record<string, string | string[] | undefined>;

/** The query by name. Pages get a plain object: the one name that cannot be its own is left out. */
export function queryRecord(search: URLSearchParams): Query {
  const query: Query = {};
  for (const name of new Set(search.keys())) {
    const [first = "", ...more] = search.getAll(name);
    if (name !== "__proto__") query[name] = more.length === 0 ? first : [first, ...more];
  }
  return query;
}
