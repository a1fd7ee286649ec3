import { Worker } from "node:worker_threads";

/** Keeps the write-ahead log of a database short, in a thread. Returns what ends that. */
export function keepLogShort(path: string): () => Promise<void> {
  const worker = new Worker(new URL("./wal-worker.ts", import.meta.url), { workerData: { path } });
  worker.unref();
  return async () => {
    const gone = new Promise((resolve) => worker.once("exit", resolve));
    worker.postMessage("end");
    await gone;
  };
}
