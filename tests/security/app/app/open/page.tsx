import { headers } from "next/headers";
import { Form } from "./form";

export default async function Open() {
  const from = (await headers()).get("x-from-proxy");
  return (
    <main>
      OPEN <i>{from}</i>
      <Form />
    </main>
  );
}
