// `npm run backup`: copies the database, also while the server runs. See `usage`.
import { chmodSync, existsSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";

import { config } from "../src/config.ts";
import { commandLine, fail, WrongUse } from "../src/settings/command-line.ts";
import { sqlitePath } from "../src/settings/database-url.ts";
import { environmentWith } from "../src/settings/environment.ts";

const usage = `Copies the database to a new file, also while the server runs.

  npm run backup -- backups/conversations.db

A Postgres database is copied by Postgres' own program: pg_dump.
`;

async function main(): Promise<void> {
  const { positionals } = commandLine(usage, { allowPositionals: true });
  const [target] = positionals;
  if (target === undefined || positionals.length > 1) throw new WrongUse("Name one file; --help shows how.");
  const path = sqlitePath(config(environmentWith(".env", process.env)).DATABASE_URL);
  if (path === undefined) throw new Error(ofPostgres(target));
  if (existsSync(target)) throw new WrongUse(`${target} is there already: name a new file.`);
  if (!existsSync(dirname(target))) throw new Error(`There is no folder ${dirname(target)}.`);
  if (!existsSync(path)) throw new Error(`There is no database ${path}. Is DATABASE_URL set as for the server?`);
  const database = new Database(path, { readonly: true });
  try {
    await database.backup(target);
    chmodSync(target, 0o600); // like the database itself
  } finally {
    database.close();
  }
}

function ofPostgres(target: string): string {
  return `DATABASE_URL is a Postgres database, which pg_dump copies, also while servers run:

  pg_dump --format=custom --no-owner --file=${target} "$DATABASE_URL"

docs/deploying.md says how to restore it.`;
}

main().catch(fail);
