import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import Database from "better-sqlite3";
import { expect, it } from "vitest";

import { isLong } from "./support/size.ts";
import { inherited } from "./support/spawned.ts";
import { start } from "./support/start.ts";

async function backup(database: string, ...words: string[]) {
  const env = { ...inherited(), DATABASE_URL: database };
  const child = spawn(process.execPath, ["cli/backup.ts", ...words], { env, stdio: ["ignore", "ignore", "pipe"] });
  const [[code], problem] = await Promise.all([once(child, "exit"), text(child.stderr)]);
  return { code, problem };
}

it("npm run backup copies the database of a running server; another server continues from the copy", async () => {
  await using server = await start();
  await using client = await server.connect();
  const { turnId } = await (await client.join("kept")).ask("Hello?", { options: { engine: "simple" } });
  const copy = join(server.folder, "copy.db");
  expect(await backup(server.settings.DATABASE_URL, copy)).toEqual({ code: 0, problem: "" });
  expect(statSync(copy).mode & 0o777).toBe(0o600);

  await using other = await start({ DATABASE_URL: `sqlite:${copy}` });
  await using reader = await other.connect();
  expect((await reader.join("kept")).joins[0]).toMatchObject({ last_turn_id: turnId });

  expect(await backup(server.settings.DATABASE_URL, copy)).toMatchObject({
    code: 2,
    problem: expect.stringContaining("is there already"),
  });
});

it.runIf(isLong)("npm run backup refuses a folder or a database that is not there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "backup-"));
  const database = `sqlite:${join(folder, "chat.db")}`;
  new Database(join(folder, "chat.db")).close();
  expect(await backup(database, join(folder, "none", "copy.db"))).toEqual({
    code: 1,
    problem: `There is no folder ${join(folder, "none")}.\n`,
  });
  expect(await backup(`sqlite:${join(folder, "none.db")}`, join(folder, "copy.db"))).toMatchObject({ code: 1 });
  rmSync(folder, { recursive: true });
});

it("npm run backup names the program for Postgres, and never the password", async () => {
  const { code, problem } = await backup("postgres://user:s3cret@localhost/chat", "/backups/chat.dump");
  expect(code).toBe(1);
  expect(problem).toContain("pg_dump --format=custom --no-owner --file=/backups/chat.dump");
  expect(problem).not.toContain("s3cret");
});
