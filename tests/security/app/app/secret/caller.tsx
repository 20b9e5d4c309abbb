"use client";

import { useState } from "react";

export function Caller({ action }: { action: (what: string) => Promise<string> }) {
  const [said, setSaid] = useState("");
  return (
    <button onClick={async () => setSaid(await action("x"))} type="button">
      call {said}
    </button>
  );
}
