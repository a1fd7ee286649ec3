// `npm run move`: moves the conversations of an SQLite database to Postgres. See `usage`.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import pg from "pg";

import { commandLine, fail, WrongUse } from "../../src/settings/command-line.ts";
import { databasePath } from "../../src/settings/database-url.ts";
import { environmentWith } from "../../src/settings/environment.ts";
import { reach } from "../../src/store/postgres/connect.ts";
import { failureOf } from "../../src/store/postgres/failures.ts";
import { migrate } from "../../src/store/postgres/migrate.ts";
import { move } from "./move.ts";
import { progressLines } from "./progress-lines.ts";
import { openSource, type Source } from "./source.ts";
import type { Verified } from "./verify.ts";

const usage = `Copies all conversations of an SQLite database to Postgres, and compares both afterwards.

  npm run move -- --from sqlite:data/conversations.db --to postgres://user:password@host/database
    --from                                    the file; no server may use it, and it is not changed
    --to                                      a database without conversations; default: DATABASE_URL

Run the same command again if it was interrupted: it goes on where it was.
`;

async function main(): Promise<void> {
  const { values } = commandLine(usage, { options: { from: { type: "string" }, to: { type: "string" } } });
  if (values.from === undefined) throw new WrongUse("--from has to name the database; --help shows how.");
  const found = databasePath(values.from);
  if ("problem" in found) throw new WrongUse(`--from: ${found.problem}.`);
  const url = values.to ?? environmentWith(".env", process.env).DATABASE_URL ?? "";
  if (!/^postgres(?:ql)?:\/\//i.test(url)) throw new WrongUse("--to has to be a postgres:// URL; --help shows how.");

  process.stdout.on("error", () => {}); // nobody reads it any more
  const lines = progressLines(process.stdout);
  const source = await openSource(found.path, lines.note);
  try {
    const { place, config } = await reach(url, migrate);
    lines.note(`From ${source.path} to ${place}.`);
    const client = new pg.Client({ ...config, application_name: "conversation-channel-move" });
    client.on("error", () => {}); // its statements tell
    await client.connect();
    try {
      const results = await move(source, client, lines);
      lines.note(`\n${table(results)}\n\nEverything is there, and equal: set DATABASE_URL, and start the server.`);
      lines.note(aboutFiles(source));
    } finally {
      await client.end().catch(() => {}); // it may have failed
    }
  } finally {
    source.close();
  }
}

function table(results: readonly Verified[]): string {
  const lines = results.map(({ table, target }) => [table, `${target.rows}`, target.sum]);
  const widths = [0, 1].map((column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const shown = lines.map(([name = "", rows = "", sum]) =>
    [name.padEnd(widths[0] ?? 0), rows.padStart(widths[1] ?? 0), sum].join("  "),
  );
  return ["Rows and checksums in both databases:", ...shown].join("\n");
}

function aboutFiles(source: Source): string {
  const folder = join(dirname(source.path), "files");
  const where = existsSync(folder) ? ` (${folder})` : "";
  return `Uploaded files are not in the database: let all servers read the same folder${where} with FILES_DIR, or copy it to FILES_URL.`;
}

main().catch((error: unknown) => fail(withAdvice(error)));

/** The URL comes from an option here. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (failureOf(error) === "unavailable" && !error.message.startsWith("DATABASE_URL: ")) {
    return new Error(
      `The new database failed (${error.message}). Run the same command again: it goes on where it was.`,
    );
  }
  error.message = error.message.replace(/^DATABASE_URL: /, "The new database: ");
  return error;
}
