import Sqlite, { type Database } from "better-sqlite3";

interface Column {
  name: string;
  type: string;
  pk: number;
}

/** The id in a numbered copy: its first characters are the number, the rest is unchanged. */
export function idOfCopy(id: string, copy: number): string {
  return copy.toString(16).padStart(prefix, "0") + id.slice(prefix);
}

const prefix = 8;

/**
 * Copies a conversation within a database, without knowing its tables: every row that contains one of the ids is copied, with the ids
 * replaced. Integer primary keys are assigned anew.
 */
export function copyConversation(file: string, ids: string[], copies: number): void {
  const database = new Sqlite(file);
  const journal = String(database.pragma("journal_mode", { simple: true }));
  for (const pragma of ["foreign_keys = OFF", "synchronous = OFF", "journal_mode = OFF"]) database.pragma(pragma);
  database.transaction(() => {
    for (const table of tablesOf(database)) copyRows(database, { table, ids, copies });
  })();
  database.pragma(`journal_mode = ${journal}`);
  database.close();
}

function tablesOf(database: Database): string[] {
  const tables = database.prepare(
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'",
  );
  return tables.pluck().all() as string[];
}

function copyRows(database: Database, { table, ids, copies }: { table: string; ids: string[]; copies: number }): void {
  const columns = database.prepare("SELECT name, type, pk FROM pragma_table_info(?)").all(table) as Column[];
  const keys = columns.filter(({ pk }) => pk > 0);
  const isNumbered = keys.length === 1 && keys[0]?.type === "INTEGER";
  const copied = columns.filter(({ pk }) => !(isNumbered && pk > 0)).map(({ name }) => `"${name}"`);
  const names = copied.map((name) => ids.map((id) => `instr(${name}, '${id}')`).join(" OR ")).join(" OR ");
  const values = copied.map(
    (name) => `CASE typeof(${name}) WHEN 'text' THEN ${withIdsOfCopy(name, ids)} ELSE ${name} END`,
  );
  database.exec(`
    WITH RECURSIVE copies (copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM copies LIMIT ${copies}),
    originals AS MATERIALIZED (SELECT ${copied} FROM "${table}" WHERE ${names})
    INSERT INTO "${table}" (${copied}) SELECT ${values} FROM copies, originals`);
}

function withIdsOfCopy(name: string, ids: string[]): string {
  return ids.reduce(
    (text, id) => `replace(${text}, '${id}', printf('%0${prefix}x', copy) || '${id.slice(prefix)}')`,
    name,
  );
}
