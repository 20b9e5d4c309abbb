"use client";

import { useState } from "react";

export function Counter({ label }: { label: string }) {
  const [count, setCount] = useState(0);
  return (
    <p>
      <span>
        {label}: <output>{count}</output>
      </span>{" "}
      <button type="button" onClick={() => setCount(count + 1)}>
        +
      </button>
    </p>
  );
}
