// `node:crypto` for the app's modules: exports cannot be replaced from outside, so these stand in for those that tell.
import crypto from "node:crypto";
import { watchNodeCrypto } from "./unstable-values.ts";

export * from "node:crypto";

watchNodeCrypto(crypto, (value, watched) => globalThis.__vinext_unstable__?.(value, watched));

export const { generateKeyPairSync, generateKeySync, generatePrimeSync, randomBytes, randomFillSync, randomInt, randomUUID } = crypto;
export default crypto;
