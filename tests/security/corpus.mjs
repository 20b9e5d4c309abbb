// Every claim that the guarded app is held to.
import actions from "./corpus/actions.mjs";
import documents from "./corpus/documents.mjs";
import fetches from "./corpus/fetches.mjs";
import files from "./corpus/files.mjs";
import paths from "./corpus/paths.mjs";
import patterns from "./corpus/patterns.mjs";
import proxy from "./corpus/proxy.mjs";
import store from "./corpus/store.mjs";
import upstream from "./corpus/upstream.mjs";

/** @type {{ ids: string[], claim: string, run: (server: Awaited<ReturnType<typeof import("./server.mjs").serve>>) => unknown }[]} */
export const CORPUS = [...paths, ...patterns, ...proxy, ...actions, ...upstream, ...files, ...documents, ...store, ...fetches];
