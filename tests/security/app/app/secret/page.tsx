import { record } from "./record";
import { Caller } from "./caller";

export default function Secret() {
  return (
    <main>
      SECRET-PAGE
      <Caller action={record} />
    </main>
  );
}
