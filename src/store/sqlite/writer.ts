import type { Database } from "better-sqlite3";

import { StoreBusy } from "../store.ts";
import type { DiskSync } from "./disk-sync.ts";
import { lockTimeoutMs } from "./lock-timeouts.ts";

export interface WriteOptions {
  /** Resolve only when the write is on disk, so that it survives a power failure. */
  durable?: boolean;
  /** Reject with `StoreBusy` if the database stays locked for longer than this. Default: wait forever. */
  lockTimeoutMs?: number;
}

/** Queues a write and resolves to its result. Writes run in order, and each is atomic. */
export type Write = <Result>(write: () => Result, options?: WriteOptions) => Promise<Result>;

export interface Writer {
  write: Write;
  /** How long writes have been waiting for a lock; 0 if they are not. */
  blockedMs(): number;
  /** True from a write that failed because the disk is full until there is room again. Meanwhile, writes that may be refused are. */
  isFull(): boolean;
  /** Refuses new writes. Resolves when the queued ones are on disk. If the database stays locked, they reject. */
  close(): Promise<void>;
}

/** A transaction takes no more writes after this time, so that it does not hog the event loop. */
const maxTransactionMs = 5;

/** Retry interval while the database is locked. */
const retryMs = 10;

/** How often to look for room while the disk is full. */
const probeMs = 1_000;

export const diskFull = "The disk is full, or cannot be written to.";

interface Pending {
  run: () => void;
  settle: () => void;
  reject: (error: unknown) => void;
  isDurable: boolean;
  giveUpAt: number;
}

/**
 * All writes go through here. Writes queued in the same iteration of the event loop share a transaction, and durable ones share a sync of the
 * log in the thread pool, so neither a slow disk nor another program's lock blocks the event loop. A write that throws is rolled back alone; if
 * the commit fails, every write of the transaction rejects. `hasRoom` tells whether a disk that was full takes more than the smallest write.
 */
export function writer(database: Database, disk: DiskSync, hasRoom: () => Promise<boolean> = async () => true): Writer {
  let waiting: Pending[] = [];
  let isScheduled = false;
  let isClosed = false;
  let blockedSince: number | undefined;
  let isFull = false;

  const transaction = database.transaction((done: Pending[]) => {
    const until = performance.now() + maxTransactionMs;
    for (let [next] = waiting; next; [next] = waiting) {
      if (done.length > 0 && performance.now() > until) return;
      waiting.shift();
      done.push(next);
      next.run();
    }
  });

  /** Nested, hence a savepoint. */
  const atomic = database.transaction((operation: () => unknown) => operation());

  function schedule(delayMs = 0): void {
    if (isScheduled || (waiting.length === 0 && blockedSince === undefined)) return;
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
      settleAll(done);
    } catch (error) {
      if (done.length === 0 && isLocked(error)) {
        retryLater();
        return;
      }
      blockedSince = undefined;
      const reason = isDiskFull(error) ? new StoreBusy(diskFull) : error;
      // Nothing is done if the transaction could not even begin.
      for (const { reject } of done.length > 0 ? done : waiting.splice(0)) reject(reason);
      if (isDiskFull(error) && !isFull) {
        isFull = true;
        lookForRoom();
      }
    }
    schedule();
  }

  /** Other writes may never come, because the server is not ready meanwhile. */
  function lookForRoom(): void {
    const touch = () => database.pragma(`user_version = ${database.pragma("user_version", { simple: true })}`);
    const look = async () => {
      if (isClosed) return;
      if ((await hasRoom()) && (await enqueue(touch).then(yes, no))) isFull = false;
      else lookForRoom();
    };
    setTimeout(look, probeMs).unref();
  }

  /** Another program holds the lock. Rejects the writes that have timed out, and retries until the lock is gone, even if no write is left. */
  function retryLater(): void {
    const now = performance.now();
    blockedSince ??= now;
    const late = waiting.filter(({ giveUpAt }) => giveUpAt <= now);
    waiting = waiting.filter(({ giveUpAt }) => giveUpAt > now);
    for (const { reject } of late) reject(new StoreBusy("The database is locked by another program."));
    schedule(retryMs);
  }

  function settleAll(done: Pending[]): void {
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

  async function write<Result>(operation: () => Result, options: WriteOptions = {}): Promise<Result> {
    if (isClosed) throw new Error("The store is closed.");
    if (isFull && options.lockTimeoutMs !== undefined) throw new StoreBusy(diskFull);
    return await enqueue(operation, options);
  }

  function enqueue<Result>(operation: () => Result, options: WriteOptions = {}): Promise<Result> {
    const { durable, lockTimeoutMs } = options;
    return new Promise<Result>((resolve, reject) => {
      let settle = () => {};
      function run(): void {
        try {
          const result = atomic(operation) as Result; // what the operation returned
          settle = () => resolve(result);
        } catch (error) {
          if (!database.inTransaction) throw error; // SQLite rolled everything back, for example because the disk is full
          settle = () => reject(error);
        }
      }
      waiting.push({
        run,
        settle: () => settle(),
        reject,
        isDurable: durable === true,
        giveUpAt: lockTimeoutMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + lockTimeoutMs,
      });
      schedule();
    });
  }

  return {
    write,
    isFull: () => isFull,
    blockedMs: () => (blockedSince === undefined ? 0 : performance.now() - blockedSince),
    async close() {
      const last = enqueue(() => {}, { durable: true, lockTimeoutMs });
      isClosed = true;
      await last.catch((error: unknown) => {
        if (!(error instanceof StoreBusy)) throw error;
        for (const { reject } of waiting.splice(0)) reject(error);
      });
    },
  };
}

const yes = () => true;
const no = () => false;

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith(code);
}

const isLocked = (error: unknown) => hasCode(error, "SQLITE_BUSY");
/** A quota or a limit of the file's size fails as a write, and the log's index, which grows first, in a way of its own. */
const diskFullCodes = ["SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"];
const isDiskFull = (error: unknown) => diskFullCodes.some((code) => hasCode(error, code));
