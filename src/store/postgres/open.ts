import type { Store } from "../store.ts";
import { postgresCheckpoints } from "./checkpoints.ts";
import { reach } from "./connect.ts";
import { postgresConversations } from "./conversations.ts";
import { type Database, type OnChange, openDatabase } from "./database.ts";
import { postgresDeliveries } from "./deliveries.ts";
import { postgresFiles } from "./files.ts";
import { postgresHistory } from "./history.ts";
import { migrate } from "./migrate.ts";
import { openPool } from "./pool.ts";
import { postgresRecords } from "./records.ts";
import { sql } from "./statement.ts";
import { postgresToolCalls } from "./tool-calls.ts";
import { postgresTurns } from "./turns.ts";
import { refuseUnfinishedMove } from "./unfinished-move.ts";
import { postgresWaits } from "./waits.ts";

/**
 * A database that any number of processes use. Creates or upgrades its schema. Rejects with a sentence if it cannot be used. Afterwards it may go
 * away and come back at any time.
 */
export async function postgresStore(url: string, onChange?: OnChange): Promise<Store> {
  const { config } = await reach(url, async (client) => {
    await refuseUnfinishedMove(client);
    await migrate(client);
  });
  const pool = openPool(config);
  const store = storeOn(openDatabase(pool, onChange), openDatabase(openPool(config, 1)));
  return { ...store, connections: pool.counts };
}

const isWritable = sql("SELECT NOT pg_is_in_recovery() AS writable");

/** `leases` renews claims. It may be the same, or has a connection that no other statement keeps waiting. */
export function storeOn(database: Database, leases: Database): Store {
  return {
    conversations: postgresConversations(database),
    turns: postgresTurns(database, leases),
    waits: postgresWaits(database),
    checkpoints: postgresCheckpoints(database),
    toolCalls: postgresToolCalls(database),
    files: postgresFiles(database),
    history: postgresHistory(database),
    deliveries: postgresDeliveries(database),
    records: postgresRecords(database),
    isShared: true,
    async ready() {
      const found = await database.first<{ writable: boolean }>(isWritable, [], { patienceMs: 0 });
      if (!found?.writable) throw new Error("The database is a replica, and cannot be written to.");
    },
    failed: new Promise(() => {}), // what was confirmed is in the database, whatever happens to this process
    async close() {
      await Promise.all([...new Set([database, leases])].map((one) => one.close()));
    },
  };
}
