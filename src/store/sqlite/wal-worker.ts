// A thread of its own: copying the write-ahead log into the database syncs both files, which would halt every stream meanwhile.
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";

/** Pages of the log that are not in the database yet, from which on they are copied; a page has 4 KiB. */
const copiedPages = 1_000;

/** Pages of the log from which on it begins again at its start. Writers wait a moment for that. */
const longestLog = 4_000;

/** How often the log is looked at, in ms. */
const intervalMs = 500;

interface Log {
  busy: number;
  log: number;
  checkpointed: number;
}

const database = new Database(workerData.path);
database.pragma("synchronous = NORMAL");
database.pragma("busy_timeout = 1000");

function checkpoint(mode: "NOOP" | "PASSIVE" | "RESTART"): Log {
  const [found] = database.pragma(`wal_checkpoint(${mode})`) as Log[]; // SQLite's own row
  return found ?? { busy: 1, log: 0, checkpointed: 0 };
}

function look(): void {
  try {
    const { log, checkpointed } = checkpoint("NOOP");
    if (log - checkpointed < copiedPages) return;
    checkpoint("PASSIVE");
    if (log >= longestLog) checkpoint("RESTART");
  } catch {
    // Another program holds a lock; the next look finds it gone.
  }
}

const timer = setInterval(look, intervalMs);
parentPort?.once("message", () => {
  clearInterval(timer);
  database.close();
  parentPort?.close();
});
