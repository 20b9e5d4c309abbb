"use client";

import { useState } from "react";

export function Search({ placeholder }: { placeholder: string }) {
  const [text, setText] = useState("");
  return (
    <div style={{ marginBottom: 16 }}>
      <input type="search" placeholder={placeholder} value={text} onChange={(event) => setText(event.target.value)} />
      {text !== "" && <p data-testid="echo">Searching for: {text}</p>}
    </div>
  );
}
