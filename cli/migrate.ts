// `npm run migrate`: creates or upgrades the tables in Postgres. See `usage`.
import { config } from "../src/config.ts";
import { commandLine, fail } from "../src/settings/command-line.ts";
import { sqlitePath } from "../src/settings/database-url.ts";
import { environmentWith } from "../src/settings/environment.ts";
import { reach } from "../src/store/postgres/connect.ts";
import { migrate } from "../src/store/postgres/migrate.ts";

const usage = `Creates or upgrades the tables in the Postgres database of DATABASE_URL.

  npm run migrate                             the server does it too, when it starts, if its user may create tables
`;

async function main(): Promise<void> {
  commandLine(usage, {});
  const { DATABASE_URL } = config(environmentWith(".env", process.env));
  if (sqlitePath(DATABASE_URL) !== undefined) {
    process.stdout.write("DATABASE_URL is an SQLite file, which the server upgrades when it starts.\n");
    return;
  }
  let applied: string[] = [];
  const { place } = await reach(DATABASE_URL, async (client) => {
    applied = await migrate(client);
  });
  process.stdout.write(`${place}: ${applied.length > 0 ? `applied ${applied.join(", ")}` : "up to date"}.\n`);
}

main().catch(fail);
