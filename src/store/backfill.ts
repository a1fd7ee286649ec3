import { Worker } from "node:worker_threads";

import type { Log } from "../log.ts";

/**
 * Keeps the write-ahead log of a database short, in a thread of its own: SQLite would do it within a commit, and whoever waits
 * for that commit would wait for two syncs of the file. Resolves to what ends it.
 */
export function backfill(path: string, log: Log): () => Promise<void> {
  const worker = new Worker(new URL("./backfill-worker.ts", import.meta.url), { workerData: path });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  worker.on("error", (error) => log.warn({ err: error }, "the write-ahead log is written back within commits"));
  worker.unref();
  return async () => {
    worker.postMessage("end");
    await ended;
  };
}
