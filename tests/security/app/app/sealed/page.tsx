import { cookies } from "next/headers";

const key = "SEALED-VALUE";

export default function Sealed() {
  async function unseal(guess: string) {
    "use server";
    return `UNSEALED ${guess} ${key.length}`;
  }
  const inner = `INNER-${key}`;
  async function bound() {
    "use server";
    (await cookies()).set("bound", String(inner.length));
  }
  return (
    <form action={bound}>
      <button formAction={unseal.bind(null, "x") as unknown as () => Promise<void>} type="submit">
        sealed
      </button>
    </form>
  );
}
