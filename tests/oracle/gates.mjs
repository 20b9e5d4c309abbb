// Where fixtures wait until a flow lets them go on: a page that fetches `${process.env.ORACLE_GATES}/name` is answered
// at once, unless the flow holds that name. And where they note what nobody sees: what is posted to
// `${process.env.ORACLE_GATES}/notes/name` is told, one line each, when there are `?lines=` many.
import { createServer } from "node:http";
import { openNotes } from "./notes.mjs";

export async function openGates() {
  const held = new Map();
  const notes = openNotes();
  const server = createServer((request, response) => {
    if (request.url.startsWith("/notes/")) return void notes(request, response);
    const go = () => response.end("go on");
    const waiting = held.get(request.url.slice(1));
    if (waiting) waiting.push(go);
    else go();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const release = (name) => {
    for (const go of held.get(name) ?? []) go();
    held.delete(name);
  };
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    hold: (name) => void held.set(name, held.get(name) ?? []),
    release,
    releaseAll: () => [...held.keys()].forEach(release),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
