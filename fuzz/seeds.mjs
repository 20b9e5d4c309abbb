// Writes the first inputs of each target into `corpus/`: what React sent, and one of each kind by hand.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const here = (path) => new URL(path, import.meta.url);
const recorded = JSON.parse(readFileSync(here("../crates/rsc/tests/replies/replies.json"), "utf8"));
const seeds = { reply: [], multipart: [], flight_rows: [], path_pattern: [], canonical_path: [] };

for (const { text, fields, body } of [...Object.values(recorded.calls), ...Object.values(recorded.forms)]) {
  if (text !== undefined) {
    seeds.reply.push(text);
    continue;
  }
  const field = ({ name, value, filename }) => `${filename === undefined ? "" : "!"}${name}\n${value}`;
  seeds.reply.push(fields.map(field).join("\n--\n"));
  const bytes = Buffer.from(body, "base64");
  seeds.multipart.push(bytes.toString("latin1").replaceAll("--recorded", "--b"));
}
const stream = readFileSync(here("../crates/rsc/tests/fixtures/react-19.flight")).toString("latin1");
seeds.flight_rows.push(`a${stream.slice(0, 3000)}`, '\x05:HL["/a.css","style"]\n0:["$","h1",null,{}]\n1:T5,hello2:o3,\xff\xfe\xfd');
seeds.path_pattern.push(
  "/old/:slug(\\d{1,})/:rest*\n/new/:slug/:rest*?q=:slug\n/old/12/a/b\n",
  "/((?!api|_next).*)\nhttps://x.example/:q#a\n/blog?q=v1\n(?<q>v.*)\n",
  "/a{-:b}?/(x|y)+\n/:b\n/a-1\n",
);
seeds.canonical_path.push("/a%20b/../c//d\\e?x=1", "http://h/%2e%2e/%ff", "/a/?nxtPslug=1&_rsc=2");

for (const [target, inputs] of Object.entries(seeds)) {
  mkdirSync(here(`corpus/${target}`), { recursive: true });
  const fit = inputs.filter((input) => input.length <= 4096);
  fit.forEach((input, index) => writeFileSync(here(`corpus/${target}/seed-${index}`), input, target === "reply" ? "utf8" : "latin1"));
}
