import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import pg from "pg";
import { afterEach, beforeEach, expect, inject, it } from "vitest";

import { openRecords } from "../../src/open-records.ts";
import { postgresStore } from "../../src/store/postgres/open.ts";
import { expectEqual, sqliteFile } from "../move/databases.ts";
import { fill } from "../move/random-rows.ts";
import { inherited } from "../support/spawned.ts";
import { freshDatabase } from "./support/database.ts";

let file: ReturnType<typeof sqliteFile>;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let client: pg.Client;

beforeEach(async () => {
  file = sqliteFile();
  fill(file.database);
  database = await freshDatabase(inject("postgresUrl"));
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  file.close();
  await client.end();
  await database.drop();
});

function move(...words: string[]) {
  const child = spawn(process.execPath, ["cli/move/main.ts", "--from", `sqlite:${file.path}`, ...words], {
    env: { ...inherited(), DATABASE_URL: database.url },
    stdio: ["ignore", "ignore", "pipe"],
  });
  return Promise.all([once(child, "exit"), text(child.stderr)]).then(([[code], problem]) => ({ code, problem }));
}

it("a move whose database goes away says that it can be continued, and is", async () => {
  await expect(openRecords(database.url)).rejects.toThrow("npm run migrate");
  await (await postgresStore(database.url)).close();
  await client.query("BEGIN; LOCK TABLE turns");
  const interrupted = move();
  const end =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
  await expect.poll(async () => (await database.rows(end)).length).toBe(1);
  expect(await interrupted).toEqual({
    code: 1,
    problem: expect.stringMatching(
      /^The new database failed \(.+\)\. Run the same command again: it goes on where it was\.\n$/,
    ),
  });
  await client.query("COMMIT");
  expect(await move()).toEqual({ code: 0, problem: "" });
  await expectEqual(client, file.database);
});

it("a database that a server uses is refused, and so is one that is not there", async () => {
  const store = await postgresStore(database.url);
  await store.ready();
  expect(await move()).toEqual({ code: 1, problem: "A server uses the new database. Stop it first.\n" });
  await store.close();
  expect(await move()).toEqual({ code: 0, problem: "" });
  const nowhere = Object.assign(new URL(database.url), { pathname: "/nowhere", password: "s3cret" }).toString();
  const { code, problem } = await move("--to", nowhere);
  expect(code).toBe(1);
  expect(problem).toMatch(/^The new database: nowhere at 127\.0\.0\.1:\d+: there is no such database/);
  expect(problem).not.toContain("s3cret");
  expect(await move("--to", "mysql://x")).toMatchObject({ code: 2 });
});
