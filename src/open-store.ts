import type { Config } from "./config.ts";
import { sqlitePath } from "./settings/database-url.ts";
import { sqliteStore } from "./store/sqlite/open.ts";
import type { Store } from "./store/store.ts";
import type { Log } from "./telemetry/log.ts";

/** Opens the database that the settings name. Rejects with an Error that names the setting if it cannot be used. */
export async function openStore({ DATABASE_URL }: Config, log: Log): Promise<Store> {
  const path = sqlitePath(DATABASE_URL);
  if (path !== undefined) return sqliteStore(path);
  const { postgresStore } = await import("./store/postgres/open.ts"); // its driver is not loaded for a file
  return await postgresStore(DATABASE_URL, (cause) => {
    if (cause === undefined) log.info("the database can be used again");
    else log.warn({ err: cause }, "the database cannot be used, will try again");
  });
}
