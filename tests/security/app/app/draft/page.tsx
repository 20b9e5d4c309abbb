import { draftMode } from "next/headers";

export default async function Draft() {
  return <main>DRAFT {String((await draftMode()).isEnabled)}</main>;
}
