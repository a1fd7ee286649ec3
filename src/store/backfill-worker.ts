import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";

/** How often the log is looked at, in ms. */
const everyMs = 250;

/** So many pages in the log are worth a sync of the file. */
const worthwhile = 250;

/** `log` pages are in the write-ahead log, so many of them in the database file as well; both -1 while there is no log. */
interface LogState {
  log: number;
  checkpointed: number;
}

/** A thread beside the server's: it copies the write-ahead log into the database file, where nobody waits for that disk. */
const database = new Database(String(workerData));
database.pragma("synchronous = NORMAL");

const timer = setInterval(() => {
  // What `PRAGMA wal_checkpoint` returns, by SQLite's documentation.
  const [state] = database.pragma("wal_checkpoint(NOOP)") as LogState[];
  if (state && state.log - state.checkpointed >= worthwhile) database.pragma("wal_checkpoint(PASSIVE)");
}, everyMs);

parentPort?.once("message", () => {
  clearInterval(timer);
  database.close();
});
