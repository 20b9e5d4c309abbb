// What servers note while nobody looks: a POST adds a line, a GET waits until there are as many as it asks for, and
// takes them out, sorted if it asks for that. It is the same list for every isolate and process of a server. Only what
// never comes is a matter of time.
import { text } from "node:stream/consumers";

const LIMIT = 15_000;

export function openNotes() {
  const lists = new Map();
  const waiting = [];
  const answer = () => {
    for (const one of [...waiting]) {
      const list = lists.get(one.name) ?? [];
      if (list.length < one.lines) continue;
      waiting.splice(waiting.indexOf(one), 1);
      lists.delete(one.name);
      one.response.end((one.sorted ? list.sort() : list).join("\n"));
    }
  };
  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    const name = pathname.slice("/notes/".length);
    if (request.method === "POST") {
      lists.set(name, [...(lists.get(name) ?? []), await text(request)]);
      response.end();
    } else {
      const one = { name, lines: Number(searchParams.get("lines") ?? 0), sorted: searchParams.has("sorted"), response };
      waiting.push(one);
      setTimeout(() => {
        if (!waiting.includes(one)) return;
        one.lines = 0;
        lists.set(name, [...(lists.get(name) ?? []), "nothing more came"]);
        answer();
      }, LIMIT).unref();
    }
    answer();
  };
}
