import { chmodSync, copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { contents, conversations } from "../../cli/move/tables.ts";
import { refuseUnfinishedMove } from "../../src/store/postgres/unfinished-move.ts";
import { sqliteStore } from "../../src/store/sqlite/open.ts";
import { size } from "../support/size.ts";
import {
  breaking,
  comparable,
  expectEqual,
  inPostgres,
  inSqlite,
  moved,
  postgres,
  silent,
  sqliteFile,
} from "./databases.ts";
import { interruptedEverywhere } from "./interrupted.ts";
import { fill, insert, someRows } from "./random-rows.ts";

let target: Awaited<ReturnType<typeof postgres>>;
let file: ReturnType<typeof sqliteFile>;

beforeAll(async () => {
  target = await postgres();
});
afterAll(() => target.close());
beforeEach(() => {
  file = sqliteFile();
});
afterEach(async () => {
  file.close();
  await target.emptied();
});

describe("a database that is moved", () => {
  it("has the same rows, whatever they are", async () => {
    const property = fc.asyncProperty(someRows, async (rows) => {
      insert(file.database, rows);
      const results = await moved(file.path, target.client);
      expect(results.map(({ source, target }) => source.sum === target.sum)).not.toContain(false);
      await expectEqual(target.client, file.database);
      await target.emptied();
      for (const { name } of [conversations, ...contents.toReversed()]) file.database.exec(`DELETE FROM ${name}`);
    });
    await fc.assert(property, { numRuns: size(10, 40), endOnFailure: true });
  }, 60_000);

  it("has every column, or is known to need it no more", async () => {
    const columns = (all: Map<string, unknown>, of: (table: string) => string[]) =>
      [...all.keys()].flatMap((table) => of(table).map((column) => `${table}.${column}`)).sort();
    const inFile = columns(inSqlite(file.database), (table) =>
      file.database.prepare<[string], string>("SELECT name FROM pragma_table_info(?)").pluck().all(table),
    );
    const { rows } = await target.client.query(
      "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'",
    );
    const inTarget = columns(await inPostgres(target.client), (table) =>
      rows.filter(({ table_name }) => table_name === table).map(({ column_name }) => column_name),
    );
    const all = [...contents, conversations];
    const copied = all.flatMap(({ name, columns }) => Object.keys(columns).map((column) => `${name}.${column}`));
    const derived = all.flatMap(({ name, derived = {} }) => Object.keys(derived).map((column) => `${name}.${column}`));
    expect(inFile).toEqual([...copied, "conversations.lease_until"].sort());
    const empty = ["conversations.claim_id", "conversations.lease_until", "turns.ended_epoch"];
    expect(inTarget).toEqual([...copied, ...derived, ...empty].sort());
  });

  it("goes on counting after the last row, also if that was deleted", async () => {
    fill(file.database);
    file.database.exec(
      "INSERT INTO turns SELECT 3000000000, 'last', conversation_id, session_id, user_id, NULL, replaces, superseded, status, attempt, released, accepted_at, request, outcome, 4000000000, delivery, beside, beginning, attachments, stop_requested FROM turns LIMIT 1; DELETE FROM turns WHERE id = 'last'",
    );
    file.database.exec("UPDATE turns SET ended = 77 WHERE seq = (SELECT max(seq) FROM turns)");
    const highest = Number(file.database.prepare("SELECT max(ended) FROM turns").pluck().get());
    await moved(file.path, target.client);
    const next = await target.client.query(`
      INSERT INTO turns (id, conversation_id, session_id, user_id, status, accepted_at, request, ended)
      VALUES ('next', 'c', 's', 'u', 'stopped', 'now', '{}', nextval('turns_ended')) RETURNING seq, ended`);
    expect(next.rows).toEqual([{ seq: "3000000001", ended: String(highest + 1) }]);
  });

  it("has the prompts, too, that a server has kept in the new one before", async () => {
    fill(file.database);
    await target.client.query(`INSERT INTO texts (hash, text) VALUES ('of the server', '"You are helpful."')`);
    await moved(file.path, target.client);
    const { rows } = await target.client.query("SELECT count(*)::int AS count FROM texts");
    expect(rows[0].count).toBe(Number(file.database.prepare("SELECT count(*) FROM texts").pluck().get()) + 1);
  });
});

describe("a move that is interrupted", () => {
  it("is continued, and shows nothing before its end", async () => {
    fill(file.database);
    const points = await interruptedEverywhere(target, file, { every: size(19, 9), isAnswerLost: false });
    expect(points).toBeGreaterThan(size(5, 10));
  });

  it("begins again if the file has changed meanwhile, and says so", async () => {
    fill(file.database);
    const noted: string[] = [];
    await expect(moved(file.path, breaking(target.client, 60, false).client)).rejects.toThrow("broken");
    await target.client.query("ROLLBACK");
    file.database.exec(
      "DELETE FROM recordings; UPDATE turns SET attempt = attempt + 1; INSERT INTO sessions VALUES ('!', 'c', 'now', '', 0)",
    );
    await moved(file.path, target.client, { ...silent, note: (line) => noted.push(line) });
    await expectEqual(target.client, file.database);
    expect(noted.join("\n")).toContain("The file has changed since the earlier run");
  });

  it("is refused as a database for a server until it has ended", async () => {
    fill(file.database);
    await expect(moved(file.path, breaking(target.client, 40, false).client)).rejects.toThrow("broken");
    await target.client.query("ROLLBACK");
    await expect(refuseUnfinishedMove(target.client)).rejects.toThrow("Run npm run move again.");
  });
});

describe("a move is refused", () => {
  it("while a server uses the file, and the file can be used while nothing is moved", async () => {
    const store = sqliteStore(file.path);
    await expect(moved(file.path, target.client)).rejects.toThrow("is in use by another process");
    await store.close();
    await moved(file.path, target.client);
    await sqliteStore(file.path).close();
  });

  it("into a database that has other conversations, and nothing of it changes", async () => {
    fill(file.database, 8);
    await moved(file.path, target.client);
    const before = comparable(await inPostgres(target.client), "postgres");
    fill(file.database, 9);
    await expect(moved(file.path, target.client)).rejects.toThrow("The new database has other conversations");
    expect(comparable(await inPostgres(target.client), "postgres")).toEqual(before);
  });

  it("from a file that is missing, not a database, not ours, or too new", async () => {
    const path = (name: string) => join(file.folder, name);
    writeFileSync(path("text.db"), "This is no database, but longer than a header of one is.".repeat(4));
    new Database(path("other.db")).exec("CREATE TABLE turns (id)").close();
    file.database.pragma("wal_checkpoint(TRUNCATE)");
    copyFileSync(file.path, path("new.db"));
    const newer = new Database(path("new.db"));
    newer.pragma("user_version = 1000");
    newer.close();
    const problems = {
      "none.db": "There is no database",
      "text.db": "cannot be read",
      "other.db": "is not a database of",
      "new.db": "newer",
    };
    for (const [name, problem] of Object.entries(problems)) {
      await expect(moved(path(name), target.client)).rejects.toThrow(problem);
    }
  });
});

describe("the file", () => {
  it("is not changed, even if it has an older schema", async () => {
    const path = join(file.folder, "former.db");
    copyFileSync(new URL("../data/before-one-home.db", import.meta.url), path);
    chmodSync(path, 0o400);
    const before = new Database(path, { readonly: true }).serialize();
    const noted: string[] = [];
    const results = await moved(path, target.client, { ...silent, note: (line) => noted.push(line) });
    expect(results.find(({ table }) => table === "turns")?.target.rows).toBeGreaterThan(100);
    expect(noted.join()).toContain("older schema");
    expect(new Database(path, { readonly: true }).serialize().equals(before)).toBe(true);
    expect(existsSync(`${path}.moving`)).toBe(false);
  });
});
