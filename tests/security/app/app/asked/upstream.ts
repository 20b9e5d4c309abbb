const PREFIX = "x-as-";

/** Asks the other server with the headers that the visitor has behind `x-as-`. */
export async function askAs(visitor: Headers, cache?: RequestCache): Promise<string> {
  const headers = [...visitor].filter(([name]) => name.startsWith(PREFIX)).map(([name, value]): [string, string] => [name.slice(PREFIX.length), value]);
  return (await fetch(`${process.env.UPSTREAM}/asked/by`, { headers, cache })).text();
}
