import { closeSync, openSync } from "node:fs";
import Database from "better-sqlite3";

import type { Store } from "../store.ts";
import { sqliteConversations } from "./conversations.ts";
import { sqliteDeliveries } from "./deliveries.ts";
import { diskSync } from "./disk-sync.ts";
import { ownFile, stillThere } from "./file.ts";
import { sqliteHistory } from "./history.ts";
import { sqliteRecords } from "./records.ts";
import { migrate } from "./schema.ts";
import { sqliteTurns } from "./turns.ts";
import { keepLogShort } from "./wal.ts";
import { writer } from "./writer.ts";

/** The store is not ready when writes have waited for a lock for so long, in ms. */
const longestBlockMs = 30_000;

/**
 * One file, for one process, over one connection. A commit goes to the write-ahead log without waiting for the disk; what is promised to
 * somebody waits for a sync of the log, which runs beside the event loop. Throws when the file cannot be used.
 */
export function sqliteStore(name: string): Store {
  const { path, unlock } = ownFile(name);
  const database = connect(path);
  const log = openSync(`${path}-wal`, "r+"); // which stays the same file while a connection is open
  const isThere = [stillThere(path), stillThere(`${path}-wal`)];
  const { write, blockedMs, close } = writer(database, diskSync(log));
  const endShortening = keepLogShort(path);

  return {
    conversations: sqliteConversations(database, write),
    turns: sqliteTurns(database, write),
    history: sqliteHistory(database, write),
    deliveries: sqliteDeliveries(database, write),
    records: sqliteRecords(database),
    async ready() {
      await Promise.all(isThere.map((check) => check()));
      if (blockedMs() > longestBlockMs) throw new Error("The database has been locked for too long.");
    },
    async close() {
      await close();
      await endShortening();
      database.close();
      closeSync(log);
      unlock();
    },
  };
}

function connect(path: string): Database.Database {
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  database.pragma("wal_autocheckpoint = 0");
  migrate(database);
  // Of processes that are gone: nobody else has the file.
  database.exec(`
    UPDATE conversations SET lease_until = NULL WHERE lease_until IS NOT NULL;
    UPDATE turns SET status = 'queued' WHERE status = 'running';`);
  database.pragma("busy_timeout = 0"); // from here on the writer waits for locks, off the event loop
  return database;
}
