// Checkpoints sync the log and the database. On the main thread they would stall every stream, so they run in this worker.
import { statSync } from "node:fs";
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

const { path, ino, dev } = workerData;
let database = openInPlace();

/** Undefined while the file is not in its place: another file beside its log would take the log's content. */
function openInPlace(): Database.Database | undefined {
  if (!isInPlace()) return;
  let opened: Database.Database | undefined;
  try {
    opened = new Database(path, { fileMustExist: true });
  } catch (error) {
    if (isInPlace()) throw error;
  }
  if (!opened || !isInPlace()) return void opened?.close();
  opened.pragma("synchronous = NORMAL");
  opened.pragma(`busy_timeout = ${restartTimeoutMs}`);
  return opened;
}

function isInPlace(): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.ino === ino && found?.dev === dev;
}

function checkpoint(database: Database.Database, mode: "NOOP" | "PASSIVE" | "RESTART"): Log {
  const [found] = database.pragma(`wal_checkpoint(${mode})`) as Log[]; // the row that SQLite documents
  return found ?? { busy: 1, log: 0, checkpointed: 0 };
}

function checkpointIfDue(): void {
  database ??= openInPlace();
  if (!database) return;
  try {
    const { log, checkpointed } = checkpoint(database, "NOOP");
    if (log - checkpointed < passivePages) return;
    const copied = checkpoint(database, "PASSIVE"); // does not get past what another program is still reading
    if (copied.log >= restartPages && copied.checkpointed === copied.log) checkpoint(database, "RESTART");
  } catch {
    // Another program holds a lock: try again at the next interval.
  }
}

const timer = setInterval(checkpointIfDue, intervalMs);
parentPort?.once("message", () => {
  clearInterval(timer);
  database?.close();
  parentPort?.close();
});
