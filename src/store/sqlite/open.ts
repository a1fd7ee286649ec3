import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import Database from "better-sqlite3";

import type { Store } from "../store.ts";
import { sqliteCheckpoints } from "./checkpoints.ts";
import { sqliteConversations } from "./conversations.ts";
import { sqliteDeliveries } from "./deliveries.ts";
import { diskSync } from "./disk-sync.ts";
import { lockFile, replacementCheck, unusable } from "./file.ts";
import { sqliteFiles } from "./files.ts";
import { sqliteHistory } from "./history.ts";
import { sqliteRecords } from "./records.ts";
import { hasRoomBeside } from "./room.ts";
import { migrate } from "./schema.ts";
import { sqliteToolCalls } from "./tool-calls.ts";
import { sqliteTurns } from "./turns.ts";
import { sqliteWaits } from "./waits.ts";
import { startCheckpoints } from "./wal.ts";
import { diskFull, writer } from "./writer.ts";

/** The store is not ready if writes have waited for a lock for longer than this. */
const maxBlockedMs = 30_000;

/**
 * One file, used by one process over one connection. A commit writes to the write-ahead log (WAL) without waiting for the disk; durable writes
 * also wait for a sync of the log, which does not block the event loop. Throws if the file cannot be used.
 */
export function sqliteStore(name: string): Store {
  const { path, unlock } = lockFile(name);
  const database = usable(path);
  const log = openSync(`${path}-wal`, "r+"); // SQLite keeps this file as long as a connection is open
  extend(log, logBytes);
  const index = openSync(`${path}-shm`, "r+"); // closing it would drop the process's locks on it, and the next program would reset it
  extend(index, indexBytes);
  const checks = [replacementCheck(path), replacementCheck(`${path}-wal`)];
  const failure = Promise.withResolvers<Error>();
  let hasFailed = false;
  function failed(error: Error): void {
    hasFailed = true;
    failure.resolve(error);
  }
  const { write, blockedMs, isFull, close } = writer(database, diskSync(log, failed), () => hasRoomBeside(path));
  const stopCheckpoints = startCheckpoints(path, failed);

  return {
    conversations: sqliteConversations(database, write),
    turns: sqliteTurns(database, write),
    waits: sqliteWaits(database, write),
    checkpoints: sqliteCheckpoints(database, write),
    toolCalls: sqliteToolCalls(database, write),
    files: sqliteFiles(database, write),
    history: sqliteHistory(database, write),
    deliveries: sqliteDeliveries(database, write),
    records: sqliteRecords(database),
    isShared: false,
    async ready() {
      await Promise.all(checks.map((check) => check()));
      if (blockedMs() > maxBlockedMs) throw new Error("The database has been locked for too long.");
      if (isFull()) throw new Error(diskFull);
      if (hasFailed) throw new Error("The database cannot be synced to disk.");
    },
    failed: failure.promise,
    async close() {
      await close();
      await stopCheckpoints();
      database.close();
      closeSync(log);
      closeSync(index);
      unlock();
    },
  };
}

/** The log's size, in bytes, once it is as long as it gets. */
const logBytes = 17 * 1_048_576;

/** The size of the index of such a log. */
const indexBytes = 3 * 32_768;

/**
 * Gives the log and its index their full size. A sync of the log then has no new length to record, which takes the disk about as long as the
 * data. And a full disk cannot fail between the two: a commit that is in the log alone would be refused, and be there after a crash. SQLite
 * ignores what follows the last valid frame. Nothing else may write meanwhile. Without room for it the file grows as it is written.
 */
function extend(file: number, bytes: number): void {
  const before = fstatSync(file).size;
  const zeros = Buffer.alloc(Math.min(1_048_576, Math.max(0, bytes - before)));
  try {
    for (let size = before; size < bytes; size += zeros.length) writeSync(file, zeros, 0, zeros.length, size);
    fdatasyncSync(file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    ftruncateSync(file, before);
  }
}

function usable(path: string): Database.Database {
  try {
    return connect(path);
  } catch (error) {
    throw unusable(path, error);
  }
}

function connect(path: string): Database.Database {
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  database.pragma("wal_autocheckpoint = 0");
  migrate(database);
  // Claims of earlier processes are void: this process holds the lock.
  database.exec(`
    UPDATE conversations SET lease_until = NULL WHERE lease_until IS NOT NULL;
    UPDATE turns SET status = 'queued' WHERE status = 'running';`);
  database.pragma("busy_timeout = 0"); // the writer waits for locks itself, without blocking the event loop
  return database;
}
