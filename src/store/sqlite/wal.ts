import { Worker } from "node:worker_threads";

/** Checkpoints the database's write-ahead log in a worker thread, so that the log stays short. Returns a function that stops the worker. */
export function startCheckpoints(path: string): () => Promise<void> {
  const worker = new Worker(new URL("./wal-worker.ts", import.meta.url), { workerData: { path } });
  worker.unref();
  return async () => {
    const exited = new Promise((resolve) => worker.once("exit", resolve));
    worker.ref(); // the process may have nothing else to wait for
    worker.postMessage("stop");
    await exited;
  };
}
