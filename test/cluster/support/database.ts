import { randomUUID } from "node:crypto";
import pg from "pg";

export type Database = Awaited<ReturnType<typeof freshDatabase>>;

/** A database of its own on this server. `url` is one that everybody may connect to. */
export async function freshDatabase(adminUrl: string) {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await ask(adminUrl, `CREATE DATABASE ${name}`);
  const url = Object.assign(new URL(adminUrl), { pathname: `/${name}` }).toString();
  return {
    name,
    url,
    /** Rows of a query, on a connection of its own. */
    rows: (text: string, values: unknown[] = []) => ask(url, text, values),
    /** Ends all connections to it. Resolves to their number. */
    async endBackends(): Promise<number> {
      const ended = await ask(adminUrl, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
        name,
      ]);
      return ended.length;
    },
    async drop(): Promise<void> {
      await ask(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

async function ask(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {}); // its query rejects too
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}
