// As the compiler does: client modules are references in the server's graph.
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

if (isMainThread) register(import.meta.url);

/** Node's module hook. */
export async function load(url, context, next) {
  if (!/\.tsx?$/.test(url)) return next(url, context);
  const source = await readFile(new URL(url), "utf8");
  if (!/^(?:\/\/.*\n)*"use client"/.test(source)) return next(url, context);
  const names = [...source.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(([, name]) => name);
  if (/^export default /m.test(source)) names.push("default");
  const reference = (name) => `registerClientReference(() => {}, ${JSON.stringify(url)}, ${JSON.stringify(name)})`;
  const lines = names.map((name) => (name === "default" ? `export default ${reference(name)};` : `export const ${name} = ${reference(name)};`));
  return { format: "module", source: `import { registerClientReference } from "react-server-dom-webpack/server.node";\n${lines.join("\n")}`, shortCircuit: true };
}
