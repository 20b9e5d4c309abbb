import assert from "node:assert/strict";

/** Visitors, by what the app passes on of them. */
const VISITORS = [
  {},
  ...["ann", "bob"].flatMap((name) => [{ "x-as-authorization": `Bearer ${name}` }, { "x-as-cookie": `session=${name}` }, { "x-as-x-api-key": name }]),
  { "x-as-authorization": "Bearer ann", "x-as-cookie": "session=ann" },
  { "x-as-authorization": "Bearer ann", "x-as-cookie": "session=bob" },
];

function isTold(told, visitor, what) {
  const own = { authorization: visitor["x-as-authorization"], cookie: visitor["x-as-cookie"], key: visitor["x-as-x-api-key"] };
  assert.deepEqual({ authorization: told.authorization, cookie: told.cookie, key: told.key }, own, what);
}

/** What a page shows of an answer of the other server, in its document as in its payload. */
function shown(body) {
  const text = body.replaceAll("&quot;", '"').replace(/\\+"/g, '"');
  return [...text.matchAll(/\{"number":\d+.*?\}/g)].map(([json]) => JSON.parse(json));
}

/** What arrives at the other server for what the app sends, where that is one text. */
const ARRIVES = {
  text: "a=1",
  query: "a=1",
  "byte fe": "\xfe",
  "byte ff": "\xff",
  "what no byte is": "\xef\xbf\xbd",
  "part of a buffer": "\x02\x03",
  "another part of it": "\x03\x04",
  stream: "one",
  "another stream": "two",
};

/** The names of `app/asked/bodies.ts`. */
const BODIES = [
  ...Object.keys(ARRIVES), "none", "none put", "text put", "text of another type", "blob", "blob of another type", "two fields", "two fields turned", "one field with a comma", "one field with an ampersand", "one field with a line", "a field twice",
  "field as text", "field as a file", "file of another name", "file of another type", "file of other bytes", "one header", "two headers",
];

export default [
  {
    ids: ["S2", "GHSA-6gpp-xcg3-4w24", "GHSA-955p-x3mx-jcvp"],
    claim: "what is stored of a fetch is for those who sent the same credentials, in each form of the page and of the handler",
    async run(server) {
      const numbers = new Map();
      for (let round = 0; round < 3; round += 1) {
        await Promise.all(VISITORS.map(async (visitor, index) => {
          const told = JSON.parse((await server.ask({ target: "/asked/by?stored", headers: visitor })).body);
          isTold(told, visitor, `${index}`);
          // It is the store that answers from the second time on: nothing is shown by one that is never asked.
          if (round > 0) assert.equal(told.number, numbers.get(index), `${index} in round ${round}`);
          numbers.set(index, told.number);
        }));
      }
      assert.equal(new Set(numbers.values()).size, VISITORS.length);
      for (const headers of [{}, { rsc: "1" }, { rsc: "1", "next-router-state-tree": "x" }, { "x-nextjs-data": "1" }]) {
        await Promise.all(VISITORS.map(async (visitor) => {
          const { body } = await server.follow({ target: "/asked", headers: { ...headers, ...visitor } });
          const answers = shown(body);
          assert.ok(answers.length >= 2, body);
          for (const told of answers) isTold(told, visitor, JSON.stringify(headers));
        }));
      }
    },
  },
  {
    ids: ["S4"],
    claim: "a cookie that another server gives to one visitor is not stored with its answer",
    async run(server) {
      const first = await server.ask({ target: "/asked/passed" });
      assert.equal(first.status, 200);
      const { number } = JSON.parse(first.body);
      for (const headers of [{}, { rsc: "1" }, { "x-nextjs-data": "1" }, { cookie: "visitor=me" }]) {
        const answer = await server.follow({ target: "/asked/passed", headers });
        assert.equal(JSON.parse(answer.body).number, number, JSON.stringify(headers));
        assert.equal(answer.headers.has("set-cookie"), false, JSON.stringify(headers));
      }
    },
  },
  {
    ids: ["S2"],
    claim: "what a visitor may see is not stored unless the app says so",
    async run(server) {
      for (const visitor of VISITORS) {
        const [first, second] = [await server.ask({ target: "/asked/by", headers: visitor }), await server.ask({ target: "/asked/by", headers: visitor })].map(({ body }) => JSON.parse(body));
        isTold(first, visitor);
        isTold(second, visitor);
        assert.notEqual(first.number, second.number);
      }
    },
  },
  {
    ids: ["GHSA-6gpp-xcg3-4w24", "GHSA-955p-x3mx-jcvp", "S3"],
    claim: "bodies that differ are other entries of the data cache, however they are written and however many ask at once",
    async run(server) {
      for (const method of ["GET", "PUT"]) {
        const numbers = new Map();
        for (let round = 0; round < 3; round += 1) {
          await Promise.all(BODIES.map(async (name) => {
            const { status, body } = await server.ask({ method, target: `/asked/body/${encodeURIComponent(name)}` });
            assert.equal(status, 200, `${name}: ${body}`);
            const told = JSON.parse(body);
            if (name in ARRIVES) assert.equal(told.body, ARRIVES[name], name);
            if (name.startsWith("none")) assert.equal(told.body, "", name);
            // A form that a `Request` was made with has another boundary each time: it is another body.
            const isSame = method === "GET" || !told.type?.startsWith("multipart/");
            if (round > 0 && isSame) assert.equal(told.number, numbers.get(name), `${method} ${name} in round ${round}`);
            numbers.set(name, told.number);
          }));
        }
        const same = [...numbers].filter(([name, number]) => [...numbers].some(([other, its]) => other !== name && its === number));
        assert.deepEqual(same, [], method);
      }
    },
  },
  {
    ids: ["GHSA-6gpp-xcg3-4w24", "GHSA-955p-x3mx-jcvp"],
    claim: "who reads only a part of a stored answer leaves the others all of it",
    async run(server) {
      const all = "WHOLE".repeat(50_000);
      const asked = await Promise.all(Array.from({ length: 10 }, (_, index) => server.ask({ target: index % 2 === 0 ? "/asked/whole?hurry" : "/asked/whole" })));
      asked.forEach(({ body }, index) => assert.ok(body === (index % 2 === 0 ? "HURRY" : all), `${index}: ${body.length} bytes`));
      const before = server.upstream.seen.length;
      for (const hurry of ["?hurry", ""]) assert.ok((await server.ask({ target: `/asked/whole${hurry}` })).body === (hurry ? "HURRY" : all));
      assert.equal(server.upstream.seen.length, before, "nothing is stored");
    },
  },
];
