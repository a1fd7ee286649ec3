import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";

import { start } from "../support/start.ts";

/** A database that a server wrote: `conversation:first` has one question of user-a, answered by the engine `simple`. */
export async function databaseFile() {
  const folder = mkdtempSync(join(tmpdir(), "faults-"));
  const path = join(folder, "test.db");
  const env = { DATABASE_URL: `sqlite:${path}` };
  const server = await start(env);
  const client = await server.connect();
  await (await client.join("first")).ask("First?", { options: { engine: "simple" } });
  await client.close();
  await server.close();
  return {
    folder,
    path,
    env,
    /** Changes the file while no server uses it. */
    change(deed: (database: Database.Database) => void): void {
      const database = new Database(path);
      database.transaction(deed)(database);
      database.close();
    },
    /** Runs a query, even while a server is running. */
    read(sql: string): unknown[] {
      const database = new Database(path, { readonly: true });
      const found = database.prepare(sql).pluck().all();
      database.close();
      return found;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
