// What the server runs, in one module: under `npm run dev` it is exchanged as a whole when a file of this folder is saved.
export { conversation } from "./conversation.ts";
export { engines } from "./engines.ts";
export { condense } from "./memory.ts";

/** This module: what turns, replays and evals run. */
export type Brain = typeof import("./brain.ts");
