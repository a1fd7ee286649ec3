import { fdatasync } from "node:fs";

/** Brings what was written to a file onto the disk, in a thread of libuv's pool. */
export interface DiskSync {
  /** Resolves when everything written before this call is on disk. Calls that come while a sync runs share the next one. */
  now(): Promise<void>;
  /** The same within `soonMs`, for whoever does not wait for it. */
  soon(): void;
}

/** What nobody waits for is on disk after at most so long, in ms. */
const soonMs = 250;

export function diskSync(descriptor: number): DiskSync {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function start(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    running = new Promise<void>((resolve, reject) => {
      fdatasync(descriptor, (error) => (error ? reject(error) : resolve()));
    }).finally(() => {
      running = undefined;
    });
    return running;
  }

  function now(): Promise<void> {
    if (!running) return start();
    next ??= running
      .catch(() => {}) // told to those who asked for that one
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  }

  return {
    now,
    soon() {
      timer ??= setTimeout(() => now().catch(() => {}), soonMs); // the next durable write tells what is wrong
      timer.unref();
    },
  };
}
