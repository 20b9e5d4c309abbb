// Where two answers differ, and whether that is on purpose.
import differences from "./differences.mjs";

/** Paths at which two values differ. */
export function differing(expected, actual, path = "") {
  if (Object.is(expected, actual)) return [];
  if (typeof expected !== "object" || typeof actual !== "object" || expected === null || actual === null) {
    return [{ path, expected, actual }];
  }
  return [...new Set([...Object.keys(expected), ...Object.keys(actual)])].flatMap((key) => differing(expected[key], actual[key], path ? `${path}.${key}` : key));
}

/** Why this difference is kept, if it is. */
export function reasonFor(fixture, answer, path) {
  const whole = (pattern, text) => new RegExp(`^(?:${pattern})$`).test(text);
  const found = differences.find((entry) => whole(entry.fixture, fixture) && whole(entry.answer, answer) && whole(entry.path, path));
  if (found) found.used = true;
  return found?.reason;
}

/** Kept differences that nothing needs any more. */
export function unused(names) {
  return differences.filter((entry) => !entry.used && names.some((name) => new RegExp(`^(?:${entry.fixture})$`).test(name)));
}
