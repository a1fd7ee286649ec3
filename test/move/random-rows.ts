import type { Database } from "better-sqlite3";
import fc from "fast-check";

import { contents, conversations, type Kind, type Table } from "../../cli/move/tables.ts";

/** Anything that a text can be, NUL too. */
const anyText = fc.string({ unit: "binary", maxLength: 30 });

/** What ids may contain; Postgres keeps no NUL in them. */
const id = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }).map((text) => text.replaceAll("\0", "0")),
  fc.uuid(),
);

const json = fc.oneof(
  anyText.map((text) => JSON.stringify(text)),
  fc.json({ maxDepth: 2 }),
);

const outcome = fc
  .record({ status: fc.constant("completed"), response: anyText, conversationType: fc.option(id) })
  .map((value) => JSON.stringify(value));

/** Columns whose values cannot be just anything of their kind. */
const special: Record<string, fc.Arbitrary<unknown>> = {
  "turns.status": fc.constantFrom("queued", "running", "waiting", "completed", "stopped", "failed"),
  "turns.accepted_at": fc
    .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
    .map((date) => date.toISOString()),
  "turns.outcome": fc.option(outcome),
  "turns.ended": fc.option(fc.nat()),
  "turns.delivery": fc.nat(2),
  "turns.attempt": fc.nat(9),
  "turns.released": fc.nat(9),
  "graph_writes.position": fc.integer({ min: -9, max: 99 }),
  "tool_calls.attempt": fc.nat(9),
};

const nullable = new Set([
  ...[
    "client_id",
    "replaces",
    "attachments",
    "beside",
    "beginning",
    "kept_at",
    "comment",
    "expected",
    "messages",
    "kept",
  ],
  ...["asked_at", "answered_at", "parent_id", "output", "started_at", "ended_at"],
]);

const byKind: Record<Kind, fc.Arbitrary<unknown>> = {
  text: json.map((text) => text.replaceAll("\0", "0")),
  integer: fc.nat(),
  real: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  bytes: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  flag: fc.nat(1),
  "free text": anyText,
};

function rowOf({ name, columns, key }: Table): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(
    Object.fromEntries(
      Object.entries(columns).map(([column, kind]) => {
        const isId = kind === "text" && (key.includes(column) || /(?:^|_)id$/.test(column));
        const some = special[`${name}.${column}`] ?? (isId ? id : byKind[kind]);
        return [column, nullable.has(column) ? fc.option(some) : some];
      }),
    ),
  );
}

type Rows = Record<string, Record<string, unknown>[]>;

/** The rows of a database, by table. */
export const someRows: fc.Arbitrary<Rows> = fc.record(
  Object.fromEntries(
    [...contents, conversations].map((table) => [table.name, fc.array(rowOf(table), { maxLength: 12 })]),
  ),
);

/** Leaves out rows that the schema does not allow together. */
export function insert(database: Database, rows: Rows): void {
  database.pragma("foreign_keys = OFF"); // conversations come last
  database.transaction(() => {
    for (const [table, all] of Object.entries(rows)) {
      for (const row of all) {
        if (["reasoning", "produced", "recordings"].includes(table) && !hasTurn(database, row)) continue;
        const names = Object.keys(row);
        const values = names.map(() => "?").join(", ");
        database
          .prepare(`INSERT OR IGNORE INTO ${table} (${names.join(", ")}) VALUES (${values})`)
          .run(...Object.values(row));
      }
    }
  })();
}

/** Gives a row that belongs to a turn the number of one. */
function hasTurn(database: Database, row: Record<string, unknown>): boolean {
  const turns = database.prepare<[], number>("SELECT seq FROM turns").pluck().all();
  const seq = turns[Number(row.seq) % turns.length];
  if (seq !== undefined) row.seq = seq;
  return seq !== undefined;
}

/** Random rows, the same for the same seed. */
export function fill(database: Database, seed = 7): void {
  for (const rows of fc.sample(someRows, { numRuns: 5, seed })) insert(database, rows);
}
