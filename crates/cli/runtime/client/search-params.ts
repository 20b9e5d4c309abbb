// The query as hooks hand it out.

function readOnly(): never {
  throw new Error(
    "Method unavailable on `ReadonlyURLSearchParams`. Read more: https://nextjs.org/docs/app/api-reference/functions/use-search-params#updating-searchparams",
  );
}

/** A `URLSearchParams` whose mutators throw. */
export class ReadonlyURLSearchParams extends URLSearchParams {
  override append: (name: string, value: string) => never = readOnly;
  override delete: (name: string, value?: string) => never = readOnly;
  override set: (name: string, value: string) => never = readOnly;
  override sort: () => never = readOnly;
}
