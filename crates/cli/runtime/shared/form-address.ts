// Where a GET form leads. Pure.
import { splitHref } from "./href.ts";

/** The action with the form's fields as its query, which they replace; the fragment stays. Files are sent by name. */
export function formAddress(action: string, fields: Iterable<[string, FormDataEntryValue]>): string {
  const query = new URLSearchParams();
  for (const [name, value] of fields) query.append(name, typeof value === "string" ? value : value.name);
  const { pathname, hash } = splitHref(action);
  const text = query.toString();
  return (text === "" ? pathname : `${pathname}?${text}`) + hash;
}
