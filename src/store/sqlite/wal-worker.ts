// Checkpoints sync the log and the database. On the main thread they would stall every stream, so they run in this worker.
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";

/** The log is copied to the database when this many pages (of 4 KiB) are not copied yet. */
const passivePages = 1_000;

/** The log is restarted at this many pages. */
const restartPages = 4_000;

/** How long a restart waits for readers in other programs. Writers wait too. */
const restartTimeoutMs = 50;

const intervalMs = 500;

interface Log {
  busy: number;
  log: number;
  checkpointed: number;
}

const database = new Database(workerData.path, { fileMustExist: true }); // a new file beside a moved one's log would take the log's content
database.pragma("synchronous = NORMAL");
database.pragma(`busy_timeout = ${restartTimeoutMs}`);

function checkpoint(mode: "NOOP" | "PASSIVE" | "RESTART"): Log {
  const [found] = database.pragma(`wal_checkpoint(${mode})`) as Log[]; // the row that SQLite documents
  return found ?? { busy: 1, log: 0, checkpointed: 0 };
}

function checkpointIfDue(): void {
  try {
    const { log, checkpointed } = checkpoint("NOOP");
    if (log - checkpointed < passivePages) return;
    const copied = checkpoint("PASSIVE"); // does not get past what another program is still reading
    if (copied.log >= restartPages && copied.checkpointed === copied.log) checkpoint("RESTART");
  } catch {
    // Another program holds a lock: try again at the next interval.
  }
}

const timer = setInterval(checkpointIfDue, intervalMs);
parentPort?.once("message", () => {
  clearInterval(timer);
  database.close();
  parentPort?.close();
});
