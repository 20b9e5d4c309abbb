// What the startup snapshot holds besides the host: the parts of the platform that React's renderers and most apps ask
// for, evaluated when the snapshot is made instead of in each isolate.
//
// Node's modules are imported; one that is loaded by a call would be compiled from another's source later on. `node:module`
// cannot be held, nor can `node:crypto`: what that one is made of can, but for its `subtle`.
import { core } from "ext:core/mod.js";
import "ext:vinext_host/host.js";
import "node:async_hooks";
import "node:buffer";
import "node:console";
import "node:events";
import "node:path";
import "node:process";
import "node:stream";
import "node:timers";
import "node:url";
import "node:util";

const PARTS_OF_CRYPTO = [
  "random.ts",
  "pbkdf2.ts",
  "scrypt.ts",
  "hkdf.ts",
  "keys.ts",
  "keygen.ts",
  "diffiehellman.ts",
  "cipher.ts",
  "sig.ts",
  "hash.ts",
  "x509.ts",
  "certificate.ts",
  "util.ts",
];

for (const part of PARTS_OF_CRYPTO) core.loadExtScript(`ext:deno_node/internal/crypto/${part}`);
core.loadExtScript("ext:deno_node/worker_threads.ts");
core.loadExtScript("ext:deno_fetch/23_request.js");
core.loadExtScript("ext:deno_fetch/23_response.js");
