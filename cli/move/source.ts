import { chmodSync, existsSync, realpathSync, rmSync } from "node:fs";
import Database from "better-sqlite3";

import { lockFor } from "../../src/store/sqlite/file.ts";
import { migrate, newestVersion } from "../../src/store/sqlite/schema.ts";
import type { Row, Table, Value } from "./tables.ts";

/** The SQLite database, which nobody else uses meanwhile, and which is not changed. */
export interface Source {
  /** The file, with symbolic links resolved. */
  path: string;
  count(table: Table): number;
  /** In the order of the key, after a position. */
  rows(table: Table, position?: string): Iterable<Row>;
  /** The highest number that the column ever had. */
  highest(table: string, column: string): number;
  close(): void;
}

/** A file with an older schema is copied and upgraded first; `report` is told. Rejects with an Error whose message says what to do. */
export async function openSource(name: string, report: (line: string) => void): Promise<Source> {
  if (!existsSync(name)) throw new Error(`There is no database ${name}.`);
  const path = realpathSync(name);
  const lock = lockFor(path);
  const copy = `${path}.moving`;
  const closing: (() => void)[] = [() => lock.close()];
  try {
    remove(copy); // of a run that was interrupted
    const file = new Database(path, { readonly: true });
    closing.unshift(() => file.close());
    const database = versionIn(path, file) === newestVersion ? file : await upgraded(file, copy, report);
    if (database !== file)
      closing.unshift(
        () => void database.close(),
        () => remove(copy),
      );
    database.exec("BEGIN"); // all reads see the same state
    return { path, ...reader(database), close: () => closeAll(closing) };
  } catch (error) {
    closeAll([...closing, () => remove(copy)]);
    if (error instanceof Database.SqliteError) {
      throw new Error(`${path} cannot be read: ${error.message}.`, { cause: error });
    }
    throw error;
  }
}

function closeAll(closing: readonly (() => void)[]): void {
  for (const close of closing) close();
}

function remove(copy: string): void {
  for (const suffix of ["", "-journal", "-wal", "-shm"]) rmSync(`${copy}${suffix}`, { force: true });
}

/** Throws if the file is not one of this server's, or is too new. */
function versionIn(path: string, database: Database.Database): number {
  const ours = database
    .prepare<[], number>(
      "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('conversations', 'sessions', 'turns')",
    )
    .pluck();
  if (ours.get() !== 3) throw new Error(`${path} is not a database of this server.`);
  const version = Number(database.pragma("user_version", { simple: true }));
  if (version > newestVersion) throw new Error(`${path} was written by a newer version of this server. Use that one.`);
  return version;
}

async function upgraded(
  file: Database.Database,
  copy: string,
  report: (line: string) => void,
): Promise<Database.Database> {
  report(`The file has an older schema. A copy of it is upgraded meanwhile: ${copy}`);
  await file.backup(copy);
  chmodSync(copy, 0o600);
  const database = new Database(copy);
  database.pragma("journal_mode = MEMORY");
  database.pragma("synchronous = OFF"); // a copy that is lost is made again
  migrate(database);
  return database;
}

function reader(database: Database.Database): Omit<Source, "path" | "close"> {
  const number = (sql: string) => database.prepare<unknown[], number | null>(sql).pluck();
  return {
    count: ({ name }) => number(`SELECT count(*) FROM ${name}`).get() ?? 0,
    *rows({ name, columns, key, settled = {} }, position) {
      const names = Object.keys(columns);
      const keys = key.join(", ");
      const after = position === undefined ? "" : `WHERE (${keys}) > (${key.map(() => "?").join(", ")})`;
      const rows = database.prepare<Value[], Value[]>(
        `SELECT ${names.join(", ")} FROM ${name} ${after} ORDER BY ${keys}`,
      );
      const changes = names.map((column) => settled[column]);
      for (const row of rows.raw().iterate(...(position === undefined ? [] : (JSON.parse(position) as Value[])))) {
        yield row.map((value, index) => changes[index]?.(value) ?? value);
      }
    },
    highest(table, column) {
      const used = number(`SELECT max(${column}) FROM ${table}`).get() ?? 0;
      const ever = number("SELECT seq FROM sqlite_sequence WHERE name = ? AND ? <> 'ended'").get(table, column) ?? 0;
      return Math.max(used, ever);
    },
  };
}
