import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import pg from "pg";
import { expect } from "vitest";

import type { Listener } from "../../cli/move/move.ts";
import { move } from "../../cli/move/move.ts";
import { openSource } from "../../cli/move/source.ts";
import { migrate as migratePostgres } from "../../src/store/postgres/migrate.ts";
import { progressTable } from "../../src/store/postgres/unfinished-move.ts";
import { migrate } from "../../src/store/sqlite/schema.ts";
import { InProcessPostgres } from "../support/pglite.ts";

export const silent: Listener = { note() {}, progress() {} };

/** An SQLite file in a temporary folder, with the newest schema and no rows. */
export function sqliteFile() {
  const folder = mkdtempSync(join(tmpdir(), "move-"));
  const path = join(folder, "conversations.db");
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  migrate(database);
  function close(): void {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return { folder, path, database, close };
}

/** A Postgres in this process. `emptied` leaves the schema without rows. */
export async function postgres() {
  const server = new InProcessPostgres();
  const config = { stream: server.stream, user: "postgres", database: "postgres", ssl: false } as const;
  const client = new pg.Client(config);
  await client.connect();
  await migratePostgres(client);
  return {
    config,
    client,
    async emptied(): Promise<void> {
      const tables = [...(await inPostgres(client)).keys()];
      const deletes = tables.map((table) => `DELETE FROM ${table}`);
      await client.query(`${deletes.join("; ")}; DROP TABLE IF EXISTS ${progressTable}`);
    },
    async close(): Promise<void> {
      await client.end();
      await server.close();
    },
  };
}

/** Moves a file as the command does. */
export async function moved(path: string, client: pg.ClientBase, listener: Listener = silent) {
  const source = await openSource(path, listener.note);
  try {
    return await move(source, client, listener);
  } finally {
    source.close();
  }
}

/** Fails if the databases do not have the same rows. */
export async function expectEqual(client: pg.ClientBase, database: Database.Database): Promise<void> {
  expect(comparable(await inPostgres(client), "postgres")).toEqual(comparable(inSqlite(database), "sqlite"));
}

type Rows = Record<string, unknown>[];

/** Columns that one of the databases does not have, or that say something about its own processes. */
const ownOfOne = ["lease_until", "claim_id", "stored_at", "conversation_type", "ended_epoch"];

/** What Postgres keeps as a JSON string. */
const asJson = [
  "sessions.summary",
  "texts.text",
  "reasoning.text",
  "feedback.comment",
  "files.name",
  "tool_calls.call",
];

const asBoolean = ["superseded", "stop_requested", "has_ended"];

/** All tables of an SQLite file with their rows, in any order, as Postgres has them after a move. */
export function inSqlite(database: Database.Database): Map<string, Rows> {
  const tables = database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();
  return new Map(tables.sort().map((table) => [table, database.prepare(`SELECT * FROM ${table}`).all() as Rows]));
}

export async function inPostgres(client: pg.ClientBase): Promise<Map<string, Rows>> {
  const { rows } = await client.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename");
  const names = rows
    .map(({ tablename }) => String(tablename))
    .filter((name) => !name.startsWith("conversation_channel"));
  const all = new Map<string, Rows>();
  for (const name of names) all.set(name, (await client.query(`SELECT * FROM ${name}`)).rows);
  return all;
}

/** Rows in an order of their own, with values that can be compared. */
export function comparable(all: ReadonlyMap<string, Rows>, from: "sqlite" | "postgres"): Record<string, string[]> {
  const rowsOf = (table: string, rows: Rows) =>
    rows
      .map((row) =>
        JSON.stringify(
          Object.entries(row)
            .sort()
            .flatMap(([column, value]) => cell(table, column, value)),
        ),
      )
      .sort();
  const cell = (table: string, column: string, value: unknown) => {
    if (ownOfOne.includes(column)) return [];
    if (value === null) return [[column, null]];
    if (Buffer.isBuffer(value)) return [[column, value.toString("hex")]];
    if (asBoolean.includes(column)) return [[column, Boolean(value)]];
    if (from === "postgres" && asJson.includes(`${table}.${column}`)) return [[column, JSON.parse(String(value))]];
    if (from === "sqlite" && column === "status" && value === "running") return [[column, "queued"]];
    return [[column, typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value]]; // pg reads bigint as text
  };
  return Object.fromEntries([...all].map(([table, rows]) => [table, rowsOf(table, rows)]));
}

/** A client that breaks when it is asked for the nth time: before or after the question has reached the server. */
export function breaking(client: pg.ClientBase, at: number, isAnswerLost: boolean) {
  let asked = 0;
  const query = async (...question: [never]) => {
    asked += 1;
    if (asked > at || (asked === at && !isAnswerLost)) throw new Error("broken");
    const answer = await client.query(...question);
    if (asked === at) throw new Error("broken");
    return answer;
  };
  return { client: { query } as unknown as pg.ClientBase, hasBroken: () => asked >= at };
}
