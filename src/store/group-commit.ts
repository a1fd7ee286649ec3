import type { Database } from "better-sqlite3";

/** Does a write together with others; resolves to what it returned when that is on disk. */
export type Commit = <Result>(write: () => Result) => Promise<Result>;

/** A write that was done; `settle` tells whoever waits for it, once it is on disk. */
interface Write {
  run: () => void;
  settle: () => void;
  reject: (error: unknown) => void;
}

/**
 * Writes that are asked for in the same turn of the event loop share one transaction, and with it one sync of the disk; they are
 * done in order. One that throws takes back what it wrote itself, and nothing else; when the commit fails, all of them reject.
 */
export function groupCommit(database: Database): Commit {
  let waiting: Write[] = [];

  const all = database.transaction((writes: Write[]) => {
    for (const { run } of writes) run();
  });

  function commit(): void {
    const writes = waiting;
    waiting = [];
    try {
      all.immediate(writes);
      for (const { settle } of writes) settle();
    } catch (error) {
      for (const { reject } of writes) reject(error);
    }
  }

  return <Result>(write: () => Result) =>
    new Promise<Result>((resolve, reject) => {
      const alone = database.transaction(write); // a savepoint, within the transaction of all
      let settle = () => {};
      function run(): void {
        try {
          const result = alone();
          settle = () => resolve(result);
        } catch (error) {
          if (!database.inTransaction) throw error; // a full disk, for one, takes everything back: nothing of it may go on
          settle = () => reject(error);
        }
      }
      if (waiting.length === 0) setImmediate(commit);
      waiting.push({ run, settle: () => settle(), reject });
    });
}
