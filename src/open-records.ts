import { sqlitePath } from "./settings/database-url.ts";
import type { LabelledMessage } from "./store/labelled.ts";
import { reach } from "./store/postgres/connect.ts";
import { openDatabase } from "./store/postgres/database.ts";
import { postgresLabelled } from "./store/postgres/labelled.ts";
import { checkSchema } from "./store/postgres/migrate.ts";
import { openPool } from "./store/postgres/pool.ts";
import { postgresRecords } from "./store/postgres/records.ts";
import type { Records } from "./store/records.ts";
import { sqliteLabelled } from "./store/sqlite/labelled.ts";
import { openSqliteRecords } from "./store/sqlite/records.ts";

/** What the command line needs: two turns are read at the same time. */
const connections = 2;

/** Opens a database to be read, also while servers use it. Rejects with an Error whose message says what to do. */
export async function openRecords(databaseUrl: string): Promise<Records & { close(): Promise<void> }> {
  const path = sqlitePath(databaseUrl);
  if (path !== undefined) return openSqliteRecords(path);
  const database = await opened(databaseUrl);
  return { ...postgresRecords(database), close: () => database.close() };
}

/** Past messages with a label, also while servers use the database. */
export async function* labelledMessages(databaseUrl: string): AsyncGenerator<LabelledMessage> {
  const path = sqlitePath(databaseUrl);
  if (path !== undefined) {
    yield* sqliteLabelled(path);
    return;
  }
  const database = await opened(databaseUrl);
  try {
    yield* postgresLabelled(database);
  } finally {
    await database.close();
  }
}

async function opened(databaseUrl: string) {
  const { config } = await reach(databaseUrl, checkSchema);
  return openDatabase(openPool(config, connections));
}
