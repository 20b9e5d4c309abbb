// Renders server components that fetch, and says what was sent: run with the `react-server` condition.
import { createElement as h } from "react";
import { renderToPipeableStream } from "react-server-dom-webpack/server.node";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { dedupe } from "../../server/cache/dedupe.ts";

const sent: string[] = [];
const fetch = dedupe(async (input, init) => {
  const { method, url } = new Request(input, init);
  sent.push(`${method} ${url}`);
  return new Response(`answer ${sent.length}`);
});

const URL_X = "https://api.example/x";

async function Asking({ input, init }: { input: string | URL | Request; init?: RequestInit }) {
  return h("p", null, await (await fetch(input, init)).text());
}

function render(): Promise<string> {
  const { signal } = new AbortController();
  const asked: [string | URL | Request, RequestInit?][] = [
    [URL_X],
    [new URL(URL_X)],
    [new Request(URL_X)],
    [URL_X, { method: "get" }],
    [URL_X, { headers: { a: "1" } }],
    [URL_X, { headers: { A: "1" } }],
    [URL_X, { method: "HEAD" }],
    [URL_X, { method: "POST" }],
    [URL_X, { method: "POST" }],
    [URL_X, { signal }],
  ];
  const sink = new PassThrough();
  renderToPipeableStream(asked.map(([input, init], index) => h(Asking, { key: index, input, init })), {}).pipe(sink);
  return text(sink);
}

const whole = await render();
const inOneRender = sent.splice(0);
await render();
const inAnother = sent.splice(0).length;
await Promise.all([fetch(URL_X), fetch(URL_X)]);
console.log(JSON.stringify({ inOneRender, inAnother, outside: sent.length, answers: [...whole.matchAll(/answer \d/g)].map(String) }));
