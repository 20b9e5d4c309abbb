// The query as hooks hand it out.

function readOnly(): never {
  throw new Error("the query that useSearchParams returns is read-only: navigate to change it");
}

/** A `URLSearchParams` whose mutators throw. */
export class ReadonlyURLSearchParams extends URLSearchParams {
  override append: (name: string, value: string) => never = readOnly;
  override delete: (name: string, value?: string) => never = readOnly;
  override set: (name: string, value: string) => never = readOnly;
  override sort: () => never = readOnly;
}
