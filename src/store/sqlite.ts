import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import Database from "better-sqlite3";

import { groupCommit } from "./group-commit.ts";
import { type Records, sqliteRecords } from "./records.ts";
import { RememberingSaver } from "./remembering-saver.ts";
import { migrate } from "./schema.ts";
import { sqliteConversations } from "./sqlite-conversations.ts";
import { sqliteHistory } from "./sqlite-history.ts";
import { sqliteTurns } from "./sqlite-turns.ts";
import type { Store } from "./store.ts";

/**
 * One file, for one process, over two connections. What is promised to somebody goes over the durable one, which waits for
 * the disk at each commit; the rest over the quick one, whose writes the next durable commit syncs too (they share one
 * write-ahead log), and whose loss would only mean doing something again.
 */
export function sqliteStore(path: string): { store: Store; records: Records; checkpointer: SqliteSaver } {
  ownerOnly(path);
  const lock = lockFor(path);
  const durable = connect(path, "FULL");
  const quick = connect(path, "NORMAL");
  migrate(durable);
  const commit = groupCommit(durable);
  const checkpointer = new RememberingSaver(quick);
  return {
    checkpointer,
    records: sqliteRecords(quick),
    store: {
      ...sqliteConversations(durable, quick, commit),
      ...sqliteTurns(durable, quick, commit),
      ...sqliteHistory(quick),
      async prune(sessionId, keep) {
        prune(quick, sessionId, keep);
      },
      async forget(sessionId) {
        // The saver makes its tables at its first read, and only then can it delete.
        const known = await checkpointer.getTuple({ configurable: { thread_id: sessionId } });
        if (known) await checkpointer.deleteThread(sessionId);
      },
      async ping() {
        durable.exec("BEGIN IMMEDIATE; ROLLBACK");
      },
      close() {
        durable.close();
        quick.close();
        lock.close();
      },
    },
  };
}

/** Makes the file before SQLite does, so that nobody else can read it for even a moment. */
function ownerOnly(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}

/** Two processes would run each other's turns. The lock is the system's, so it ends with the process however that ends. */
function lockFor(path: string): Database.Database {
  ownerOnly(`${path}.lock`);
  const lock = new Database(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    throw new Error(`Another process uses ${path}: is another server running?`, { cause: error });
  }
  return lock;
}

function connect(path: string, synchronous: "FULL" | "NORMAL"): Database.Database {
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  database.pragma(`synchronous = ${synchronous}`);
  database.pragma("busy_timeout = 100");
  return database;
}

function prune(database: Database.Database, sessionId: string, keep: number): void {
  const oldest = database
    .prepare(
      "SELECT checkpoint_id FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = '' ORDER BY checkpoint_id DESC LIMIT 1 OFFSET ?",
    )
    .pluck()
    .get(sessionId, keep - 1);
  if (oldest === undefined) return;
  database.transaction(() => {
    database.prepare("DELETE FROM checkpoints WHERE thread_id = ? AND checkpoint_id < ?").run(sessionId, oldest);
    database.prepare("DELETE FROM writes WHERE thread_id = ? AND checkpoint_id < ?").run(sessionId, oldest);
  })();
}
