// Two values next to each other, line by line.

const WIDTH = Math.max(100, process.stdout.columns ?? 160);

function linesOf(value) {
  return value === undefined ? ["(nothing)"] : JSON.stringify(value, null, 1).split("\n");
}

/** The longest common subsequence as pairs of lines; `null` where one side has none. */
function pairs(left, right) {
  const length = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) length[i][j] = left[i] === right[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
  }
  const found = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) found.push([left[i++], right[j++]]);
    else if (j >= right.length || (i < left.length && length[i + 1][j] >= length[i][j + 1])) found.push([left[i++], null]);
    else found.push([null, right[j++]]);
  }
  return found;
}

const CONTEXT = 2;

/** A table of both values: unequal lines are marked, long equal stretches left out. */
export function sideBySide(leftName, left, rightName, right) {
  const column = Math.floor((WIDTH - 5) / 2);
  const fit = (text) => (text.length > column ? `${text.slice(0, column - 1)}…` : text.padEnd(column));
  const rows = pairs(linesOf(left), linesOf(right));
  const near = (index) => rows.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(([a, b]) => a !== b);
  const shown = [`${fit(leftName)}   ${fit(rightName)}`];
  let gap = false;
  rows.forEach(([a, b], index) => {
    if (!near(index)) return void (gap = true);
    if (gap) shown.push("  ⋮");
    gap = false;
    shown.push(`${fit(a ?? "")} ${a === b ? " " : "≠"} ${fit(b ?? "")}`);
  });
  return shown.join("\n");
}
