import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import Database from "better-sqlite3";

import { setUp } from "./schema.ts";
import { sqliteConversations } from "./sqlite-conversations.ts";
import { sqliteHistory } from "./sqlite-history.ts";
import { sqliteTurns } from "./sqlite-turns.ts";
import type { Store } from "./store.ts";

/**
 * One file, for one process. The tables' connection waits for the disk at each commit, for an `ok` promises durability; the
 * checkpoints' does not, since the commit that ends the turn syncs what it wrote before (both share one write-ahead log).
 */
export function sqliteStore(path: string): { store: Store; checkpointer: SqliteSaver } {
  ownerOnly(path);
  const tables = connect(path, "FULL");
  const checkpoints = connect(path, "NORMAL");
  setUp(tables);
  const checkpointer = new SqliteSaver(checkpoints);
  return {
    checkpointer,
    store: {
      ...sqliteConversations(tables),
      ...sqliteTurns(tables),
      ...sqliteHistory(tables),
      async prune(sessionId, keep) {
        prune(checkpoints, sessionId, keep);
      },
      async ping() {
        tables.prepare("SELECT 1").get();
      },
      close() {
        tables.close();
        checkpoints.close();
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

function connect(path: string, synchronous: "FULL" | "NORMAL"): Database.Database {
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  database.pragma(`synchronous = ${synchronous}`);
  database.pragma("busy_timeout = 5000");
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
