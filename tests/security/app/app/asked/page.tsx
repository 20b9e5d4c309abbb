import { headers } from "next/headers";
import { askAs } from "./upstream";

async function Answer() {
  return <i>{await askAs(await headers(), "force-cache")}</i>;
}

/** Two that ask the same: each reads a whole answer. */
export default function Asked() {
  return (
    <main>
      ASKED <Answer /> <Answer />
    </main>
  );
}
