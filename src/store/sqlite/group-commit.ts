import type { Database } from "better-sqlite3";

/**
 * Does a write together with others; resolves to what it returned when that is on disk. One that is `alone` has a transaction of its own:
 * what follows from those before it is said first, and what follows from it before anything else is written.
 */
export type Commit = <Result>(write: () => Result, how?: "together" | "alone") => Promise<Result>;

/** A transaction that has taken so long takes in no more writes: others wait for the event loop as well. */
const longestMs = 5;

/** A write that was done; `settle` tells whoever waits for it, once it is on disk. */
interface Write {
  run: () => void;
  isAlone: boolean;
  settle: () => void;
  reject: (error: unknown) => void;
}

/**
 * Writes that are asked for in the same turn of the event loop share one transaction, and with it one sync of the disk; they are
 * done in order. One that throws takes back what it wrote itself, and nothing else; when the commit fails, all of them reject.
 */
export function groupCommit(database: Database): Commit {
  const waiting: Write[] = [];

  const all = database.transaction((done: Write[]) => {
    const until = performance.now() + longestMs;
    for (let [next] = waiting; next; [next] = waiting) {
      const [first] = done;
      if (first && (first.isAlone || next.isAlone || performance.now() > until)) return;
      waiting.shift();
      done.push(next);
      next.run();
    }
  });

  function commit(): void {
    const done: Write[] = [];
    try {
      all.immediate(done);
      for (const { settle } of done) settle();
    } catch (error) {
      const failed = done.length > 0 ? done : waiting.splice(0); // none, where it cannot even begin
      for (const { reject } of failed) reject(error);
    }
    if (waiting.length > 0) setImmediate(commit);
  }

  return <Result>(write: () => Result, how = "together") =>
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
      waiting.push({ run, isAlone: how === "alone", settle: () => settle(), reject });
    });
}
