import type pg from "pg";

import { progressTable } from "../../src/store/postgres/unfinished-move.ts";
import {
  contents,
  conversations,
  type counters,
  type Kind,
  positionOf,
  type Row,
  type Table,
  type Value,
} from "./tables.ts";

/** How far a table has been copied. */
export interface Progress {
  position?: string;
  copied: number;
}

const types: Record<Kind, string> = {
  text: "text",
  integer: "bigint",
  real: "double precision",
  bytes: "bytea",
  flag: "boolean",
  "free text": "text",
};

/** The new database. Its schema is up to date. */
export function target(client: pg.ClientBase) {
  const rows = async (text: string, values?: unknown[]) => (await client.query(text, values)).rows;

  async function transaction<Result>(run: () => Promise<Result>): Promise<Result> {
    await client.query("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
    try {
      const result = await run();
      await client.query("COMMIT");
      return result;
    } catch (error) {
      await client.query("ROLLBACK").catch(() => {}); // the connection may be gone
      throw error;
    }
  }

  async function insert({ name, columns, derived = {}, mayHaveMore }: Table, batch: readonly Row[]): Promise<void> {
    const own = Object.entries(columns).map(([column, kind], index) => ({
      column,
      type: types[kind],
      values: batch.map((row) => stored(kind, row[index] ?? null)),
    }));
    const names = Object.keys(columns);
    const more = Object.entries(derived).map(([column, { type, of }]) => ({
      column,
      type,
      values: batch.map((row) => of((wanted) => row[names.indexOf(wanted)] ?? null)),
    }));
    const all = [...own, ...more];
    const list = all.map(({ column }) => column).join(", ");
    const given = all.map(({ type }, index) => `$${index + 1}::${type}[]`).join(", ");
    const conflict = mayHaveMore ? "ON CONFLICT DO NOTHING" : "";
    await client.query(
      `INSERT INTO ${name} (${list}) SELECT * FROM unnest(${given}) ${conflict}`,
      all.map(({ values }) => values),
    );
  }

  return {
    transaction,
    insert,
    /** Whether a move has begun and not ended. */
    async isUnfinished(): Promise<boolean> {
      return (await rows("SELECT to_regclass($1) IS NOT NULL AS is_there", [progressTable]))[0]?.is_there;
    },
    /** Connections of servers, as far as this user may see them. */
    async servers(): Promise<number> {
      const found = await rows(`
        SELECT count(*)::int AS count FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'conversation-channel' AND pid <> pg_backend_pid()`);
      return found[0]?.count;
    },
    async count({ name }: Table): Promise<number> {
      return (await rows(`SELECT count(*)::int AS count FROM ${name}`))[0]?.count;
    },
    async begin(): Promise<void> {
      await client.query(
        `CREATE TABLE ${progressTable} (name TEXT PRIMARY KEY, position TEXT NOT NULL, copied BIGINT NOT NULL)`,
      );
    },
    async progress({ name }: Table): Promise<Progress> {
      const [row] = await rows(`SELECT position, copied FROM ${progressTable} WHERE name = $1`, [name]);
      return row ? { position: row.position, copied: Number(row.copied) } : { copied: 0 };
    },
    /** Copies rows that follow this progress, and returns the new one. */
    async copy(table: Table, before: Progress, batch: readonly Row[]): Promise<Progress> {
      const last = batch.at(-1);
      if (!last) return before;
      const after = { position: positionOf(table, last), copied: before.copied + batch.length };
      await transaction(async () => {
        await insert(table, batch);
        const noted = await rows(
          `INSERT INTO ${progressTable} AS noted (name, position, copied) VALUES ($1, $2, $3)
           ON CONFLICT (name) DO UPDATE SET position = excluded.position, copied = excluded.copied WHERE noted.copied = $4 RETURNING 1`,
          [table.name, after.position, after.copied, before.copied],
        );
        if (noted.length === 0) throw new Error("Another move to this database is running.");
      });
      return after;
    },
    /** Forgets what an unfinished move has copied. */
    async clear(): Promise<void> {
      const all = contents.filter(({ mayHaveMore }) => !mayHaveMore).map(({ name }) => name);
      await client.query(`TRUNCATE ${all.join(", ")}, ${progressTable}`);
    },
    /** In a transaction: nobody begins a conversation until it ends. */
    async lock(): Promise<void> {
      await client.query(
        `SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE ${conversations.name} IN EXCLUSIVE MODE`,
      );
    },
    /** In a transaction. In the order of the key. */
    async *rows({ name, columns, key }: Table): AsyncGenerator<Row> {
      const kinds = Object.entries(columns);
      const list = kinds.map(([column]) => column).join(", ");
      await client.query(`DECLARE reading NO SCROLL CURSOR FOR SELECT ${list} FROM ${name} ORDER BY ${key.join(", ")}`);
      for (;;) {
        const found = await client.query({ text: `FETCH ${readAtOnce} FROM reading`, rowMode: "array" });
        for (const row of found.rows) yield kinds.map(([, kind], index) => original(kind, row[index]));
        if (found.rows.length < readAtOnce) break;
      }
      await client.query("CLOSE reading");
    },
    async setCounter({ sequence }: (typeof counters)[number], highest: number): Promise<void> {
      if (highest > 0) await client.query(`SELECT setval(${sequence}, $1)`, [highest]);
    },
    async end(): Promise<void> {
      await client.query(`DROP TABLE ${progressTable}`);
    },
    /** The first statements are planned before the server would do this by itself. */
    async analyze(): Promise<void> {
      await client.query(`ANALYZE ${[...contents, conversations].map(({ name }) => name).join(", ")}`);
    },
  };
}

/** Each row may have a text of some MiB. */
const readAtOnce = 100;

function stored(kind: Kind, value: Value): Value | boolean {
  if (value === null) return null;
  if (kind === "flag") return value !== 0;
  return kind === "free text" ? JSON.stringify(value) : value;
}

function original(kind: Kind, value: unknown): Value {
  if (value === null) return null;
  switch (kind) {
    case "flag":
      return value === true ? 1 : 0;
    case "integer":
    case "real":
      return Number(value);
    case "free text":
      return JSON.parse(String(value));
    default:
      return value as Value; // text and bytes are read as such
  }
}
