"use server";

/** What it returns shows that it ran. */
export async function record(what: string): Promise<string> {
  return `SECRET-ACTION ${String(what)}`;
}
