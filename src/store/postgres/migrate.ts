import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";

const folder = join(import.meta.dirname, "migrations");

/** Files are applied in the order of their numbers, and never change once they were released. */
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".sql"))
  .sort();

/** Any number, the same in all versions. */
const lockId = 7_202_611;

const table = "conversation_channel_migrations";

/** How many migrations a database has had. */
async function versionOf(client: pg.ClientBase): Promise<number> {
  // Not to_regclass, whose cache may be older than a lock that another process has just given up.
  const found = await client.query(`SELECT 1 FROM pg_class WHERE relname = '${table}' AND pg_table_is_visible(oid)`);
  if (found.rows.length === 0) return 0;
  return Number((await client.query(`SELECT count(*) AS applied FROM ${table}`)).rows[0].applied);
}

/** Throws unless the schema is that of this version. */
export async function checkSchema(client: pg.ClientBase): Promise<void> {
  const applied = await versionOf(client);
  if (applied > files.length) throw newer();
  if (applied < files.length) throw new Error("DATABASE_URL: the database has to be upgraded first: npm run migrate.");
}

/**
 * Applies the missing migrations, all or none, and returns their names. Of processes that start at the same time, one does it and the others wait. The
 * lock belongs to the transaction, since a pooler may give the next one another session. Throws if the schema is that of a newer version.
 */
export async function migrate(client: pg.ClientBase): Promise<string[]> {
  if ((await versionOf(client)) === files.length) return [];
  await client.query("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
  try {
    await client.query(`SELECT pg_advisory_xact_lock(${lockId})`);
    const applied = await versionOf(client);
    if (applied > files.length) throw newer();
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${table} (name TEXT PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp())`,
    );
    const missing = files.slice(applied);
    for (const name of missing) {
      await client.query(readFileSync(join(folder, name), "utf8"));
      await client.query(`INSERT INTO ${table} (name) VALUES ($1)`, [name]);
    }
    await client.query("COMMIT");
    return missing;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {}); // the connection is ended anyway
    throw error;
  }
}

function newer(): Error {
  return new Error("DATABASE_URL: the database was upgraded by a newer version of this server. Start that version.");
}
