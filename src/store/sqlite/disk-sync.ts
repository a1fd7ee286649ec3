import { fdatasync } from "node:fs";

/** Syncs a file to disk in libuv's thread pool. */
export interface DiskSync {
  /** Resolves when everything written before this call is on disk. Calls made while a sync runs share the next one. */
  now(): Promise<void>;
  /** Schedules a sync within `syncDelayMs`. */
  soon(): void;
}

const syncDelayMs = 250;

/**
 * `failed` is called when a sync fails. After that, later syncs cannot be trusted: Linux marks the pages that it could not write as clean, so
 * the next sync succeeds without them.
 */
export function diskSync(descriptor: number, failed: (error: Error) => void): DiskSync {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function start(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    running = new Promise<void>((resolve, reject) => {
      fdatasync(descriptor, (error) => {
        if (!error) return resolve();
        reject(error);
        failed(error);
      });
    }).finally(() => {
      running = undefined;
    });
    return running;
  }

  function now(): Promise<void> {
    if (!running) return start();
    next ??= running
      .catch(() => {}) // reported to the callers of that sync
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  }

  return {
    now,
    soon() {
      timer ??= setTimeout(() => now().catch(() => {}), syncDelayMs); // reported to `failed`
      timer.unref();
    },
  };
}
