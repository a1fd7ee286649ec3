import type { Config } from "./config.ts";
import { sqlitePath } from "./settings/database-url.ts";
import { sqliteStore } from "./store/sqlite/open.ts";
import type { Store } from "./store/store.ts";

/** Opens the database that the settings name. Rejects with an Error that names the setting if it cannot be used. */
export async function openStore({ DATABASE_URL }: Config): Promise<Store> {
  const path = sqlitePath(DATABASE_URL);
  if (path === undefined) throw new Error("DATABASE_URL: Postgres is not supported yet.");
  return sqliteStore(path);
}
