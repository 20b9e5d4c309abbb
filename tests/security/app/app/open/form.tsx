"use client";

import { away, echo, keep, stringify } from "./actions";

export function Form() {
  return (
    <form action={keep}>
      <input name="word" />
      <button type="submit">keep</button>
      <button onClick={() => void echo("x")} type="button">
        echo
      </button>
      <button onClick={() => void stringify(echo)} type="button">
        stringify
      </button>
      <button formAction={away} type="submit">
        away
      </button>
    </form>
  );
}
