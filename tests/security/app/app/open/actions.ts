"use server";

import { cookies } from "next/headers";
import { redirect } from "next/navigation";

const token = process.env.SECRET_TOKEN;

export async function echo(...values: unknown[]): Promise<string> {
  return `ECHO ${JSON.stringify(values)} ${token === undefined ? "" : "with a token"}`;
}

export async function stringify(value: unknown): Promise<string> {
  return `STRING ${String(value)}`;
}

export async function keep(data: FormData): Promise<void> {
  (await cookies()).set("kept", String(data.get("word")));
}

/** Nothing of the app calls it. */
export async function unused(): Promise<string> {
  return "UNUSED-ACTION";
}

export async function away(): Promise<void> {
  redirect("/secret");
}
