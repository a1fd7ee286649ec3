import type { Database } from "better-sqlite3";

import { migrateThreads } from "./migrate-threads.ts";
import {
  filesAndAttachments,
  leasesAndSummaries,
  reasoning,
  recordings,
  stopRequests,
  supersededAndLabelled,
  tables,
  textsAndMemory,
  waitsAndProduced,
} from "./tables.ts";

type Migration = (database: Database) => void;

const statements =
  (sql: string): Migration =>
  (database) =>
    database.exec(sql);

/** From an empty file to the current schema; `user_version` counts the applied migrations. Never edit one that was released. */
const migrations: Migration[] = [
  statements(tables),
  statements(supersededAndLabelled),
  statements(textsAndMemory),
  (database) => {
    database.exec(leasesAndSummaries);
    migrateThreads(database);
  },
  statements(reasoning),
  statements(waitsAndProduced),
  statements(filesAndAttachments),
  statements(recordings),
  statements(stopRequests),
];

/** `user_version` of an up-to-date file. */
export const newestVersion = migrations.length;

/** Applies the missing migrations. Throws if the file was written by a newer version. */
export function migrate(database: Database): void {
  const applied = Number(database.pragma("user_version", { simple: true }));
  if (applied > migrations.length) throw new Error("The database was written by a newer version of this server.");
  for (const [index, migration] of migrations.entries()) {
    if (index < applied) continue;
    database.transaction(() => {
      migration(database);
      database.pragma(`user_version = ${index + 1}`);
    })();
  }
}
