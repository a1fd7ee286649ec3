// `npm run backup`: copies the database, also while the server runs. See `usage`.
import { chmodSync, existsSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";

import { config } from "../src/config.ts";
import { commandLine, fail, WrongUse } from "../src/settings/command-line.ts";
import { environmentWith } from "../src/settings/environment.ts";

const usage = `Copies the database to a new file, also while the server runs.

  npm run backup -- backups/conversations.db
`;

async function main(): Promise<void> {
  const { positionals } = commandLine(usage, { allowPositionals: true });
  const [target] = positionals;
  if (target === undefined || positionals.length > 1) throw new WrongUse("Name one file; --help shows how.");
  if (existsSync(target)) throw new WrongUse(`${target} is there already: name a new file.`);
  if (!existsSync(dirname(target))) throw new Error(`There is no folder ${dirname(target)}.`);
  const path = config(environmentWith(".env", process.env)).DATABASE_URL.slice("sqlite:".length);
  if (!existsSync(path)) throw new Error(`There is no database ${path}. Is DATABASE_URL set as for the server?`);
  const database = new Database(path, { readonly: true });
  try {
    await database.backup(target);
    chmodSync(target, 0o600); // like the database itself
  } finally {
    database.close();
  }
}

main().catch(fail);
