import type { Database } from "better-sqlite3";

import { StoreBusy } from "../store.ts";
import type { DiskSync } from "./disk-sync.ts";
import { patienceMs } from "./patience.ts";

export interface WriteOptions {
  /** Resolves only when the write is on disk, so that it survives a power failure. */
  durable?: boolean;
  /** Rejects with `StoreBusy` when the database is locked for longer than this, in ms. Without it the write waits. */
  patienceMs?: number;
}

/** Performs a write soon, in the order asked for; resolves to what it returned. Each write is atomic by itself. */
export type Write = <Result>(write: () => Result, options?: WriteOptions) => Promise<Result>;

export interface Writer {
  write: Write;
  /** How long writes have been waiting for a lock, in ms; 0 when they are not. */
  blockedMs(): number;
  /** Takes no more writes. Resolves when those that were asked for are on disk. */
  close(): Promise<void>;
}

/** A transaction takes in no more writes after this, in ms: others wait for the event loop as well. */
const longestMs = 5;

/** How often a locked database is tried again, in ms. */
const retryMs = 10;

interface Pending {
  run: () => void;
  settle: () => void;
  reject: (error: unknown) => void;
  isDurable: boolean;
  giveUpAt: number;
}

/**
 * The one way to write. Writes that are asked for in the same turn of the event loop share one transaction, and those that must be durable
 * share one sync of the log, which runs in a thread: neither a slow disk nor a lock of another program holds up the event loop. A write
 * that throws takes back what it wrote itself; when the commit fails, all of its transaction reject.
 */
export function writer(database: Database, disk: DiskSync): Writer {
  let waiting: Pending[] = [];
  let isScheduled = false;
  let isClosed = false;
  let blockedSince: number | undefined;

  const transaction = database.transaction((done: Pending[]) => {
    const until = performance.now() + longestMs;
    for (let [next] = waiting; next; [next] = waiting) {
      if (done.length > 0 && performance.now() > until) return;
      waiting.shift();
      done.push(next);
      next.run();
    }
  });

  function schedule(delayMs = 0): void {
    if (isScheduled || waiting.length === 0) return;
    isScheduled = true;
    const next = () => {
      isScheduled = false;
      commit();
    };
    if (delayMs > 0) setTimeout(next, delayMs);
    else setImmediate(next);
  }

  function commit(): void {
    const done: Pending[] = [];
    try {
      transaction.immediate(done);
      blockedSince = undefined;
      tell(done);
    } catch (error) {
      if (done.length === 0 && isLocked(error)) {
        wait();
        return;
      }
      for (const { reject } of done.length > 0 ? done : waiting.splice(0)) reject(error); // none, where it cannot even begin
    }
    schedule();
  }

  /** Another program holds the lock. */
  function wait(): void {
    const now = performance.now();
    blockedSince ??= now;
    const late = waiting.filter(({ giveUpAt }) => giveUpAt <= now);
    waiting = waiting.filter(({ giveUpAt }) => giveUpAt > now);
    for (const { reject } of late) reject(new StoreBusy());
    schedule(retryMs);
  }

  function tell(done: Pending[]): void {
    const durable = done.filter(({ isDurable }) => isDurable);
    for (const one of done) if (!one.isDurable) one.settle();
    if (durable.length === 0) {
      disk.soon();
      return;
    }
    disk.now().then(
      () => {
        for (const { settle } of durable) settle();
      },
      (error: unknown) => {
        for (const { reject } of durable) reject(error);
      },
    );
  }

  async function write<Result>(deed: () => Result, { durable, patienceMs }: WriteOptions = {}): Promise<Result> {
    if (isClosed) throw new Error("The store is closed.");
    return await new Promise<Result>((resolve, reject) => {
      const atomic = database.transaction(deed); // a savepoint within the transaction of all
      let settle = () => {};
      function run(): void {
        try {
          const result = atomic();
          settle = () => resolve(result);
        } catch (error) {
          if (!database.inTransaction) throw error; // a full disk, for one, takes everything back: nothing of it may go on
          settle = () => reject(error);
        }
      }
      waiting.push({
        run,
        settle: () => settle(),
        reject,
        isDurable: durable === true,
        giveUpAt: patienceMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + patienceMs,
      });
      schedule();
    });
  }

  return {
    write,
    blockedMs: () => (blockedSince === undefined ? 0 : performance.now() - blockedSince),
    async close() {
      const last = write(() => {}, { durable: true, patienceMs });
      isClosed = true;
      await last;
    },
  };
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
}
