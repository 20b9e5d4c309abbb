"use client";

import { useEffect, useState } from "react";

export function Timer() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const id = setInterval(() => setSeconds((value) => value + 1), 1000);
    return () => clearInterval(id);
  }, []);
  return <p data-testid="timer">Uptime: {seconds} s</p>;
}
