// Runs one attack beside the test, in a thread of its own, and reports what it was answered.
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";

import { attacks, type Tally } from "./attacks.ts";

const { name, url, forMs }: { name: string; url: string; forMs: number } = workerData;
setPriority(19); // of this thread: the others are measured on the same few cores
const tally: Tally = {};
const until = performance.now() + forMs;

await attacks[name]?.({
  url,
  isOver: () => performance.now() >= until,
  count(answer) {
    tally[`${answer}`] = (tally[`${answer}`] ?? 0) + 1;
  },
});
parentPort?.postMessage(tally);
