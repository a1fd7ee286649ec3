import { statSync } from "node:fs";
import { Worker } from "node:worker_threads";

/**
 * Checkpoints the database's write-ahead log in a worker thread, so that the log stays short. Returns a function that stops the worker. `failed`
 * is called if the worker dies, because the log would then grow without limit.
 */
export function startCheckpoints(path: string, failed: (error: Error) => void): () => Promise<void> {
  const { ino, dev } = statSync(path);
  const worker = new Worker(new URL("./wal-worker.ts", import.meta.url), { workerData: { path, ino, dev } });
  worker.unref();
  worker.on("error", (error) => failed(error instanceof Error ? error : new Error("The checkpoint thread failed.")));
  const exited = new Promise((resolve) => worker.once("exit", resolve));
  return async () => {
    worker.ref(); // the process may have nothing else to wait for
    worker.postMessage("stop");
    await exited;
  };
}
