/**
 * How a column's values are kept: `text`, `integer`, `real` and `bytes` alike in both databases, the others in Postgres as a boolean (`flag`) or
 * as a JSON string (`free text`).
 */
export type Kind = "text" | "integer" | "real" | "bytes" | "flag" | "free text";

/** A value as SQLite has it. */
export type Value = string | number | Uint8Array | null;

/** The values of the columns, in their order. */
export type Row = readonly Value[];

export interface Table {
  name: string;
  columns: Readonly<Record<string, Kind>>;
  /** The columns of the primary key. */
  key: readonly string[];
  /** Changes what only the server that wrote the file may have. */
  settled?: Readonly<Record<string, (value: Value) => Value>>;
  /** Columns that only Postgres has: their type, and their value by the row's columns. */
  derived?: Readonly<Record<string, { type: string; of: (value: (column: string) => Value) => Value }>>;
  /** Rows may be there before. */
  mayHaveMore?: boolean;
}

/** No server uses the file, so no turn runs. */
const queuedAgain = (status: Value) => (status === "running" ? "queued" : status);

const sessions: Table = {
  name: "sessions",
  key: ["id"],
  columns: { id: "text", conversation_id: "text", created_at: "text", summary: "free text", summary_up_to: "integer" },
};

const turns: Table = {
  name: "turns",
  key: ["seq"],
  columns: {
    seq: "integer",
    id: "text",
    conversation_id: "text",
    session_id: "text",
    user_id: "text",
    client_id: "text",
    replaces: "text",
    superseded: "flag",
    status: "text",
    attempt: "integer",
    released: "integer",
    accepted_at: "text",
    stop_requested: "flag",
    request: "text",
    attachments: "text",
    outcome: "text",
    ended: "integer",
    delivery: "integer",
    beside: "integer",
    beginning: "text",
  },
  settled: { status: queuedAgain },
  derived: {
    stored_at: { type: "timestamptz", of: (value) => value("accepted_at") },
    conversation_type: { type: "text", of: (value) => conversationType(value("outcome")) },
  },
};

function conversationType(outcome: Value): string | null {
  return typeof outcome === "string" ? (JSON.parse(outcome).conversationType ?? null) : null;
}

const ofTurns: Table[] = [
  { name: "reasoning", key: ["seq"], columns: { seq: "integer", text: "free text" } },
  { name: "produced", key: ["seq"], columns: { seq: "integer", messages: "text", kept: "text" } },
  { name: "recordings", key: ["seq"], columns: { seq: "integer", calls: "text", waits: "text" } },
  {
    name: "steps",
    key: ["turn_id", "name"],
    columns: { turn_id: "text", name: "text", result: "text", kept_at: "real" },
  },
  {
    name: "feedback",
    key: ["turn_id"],
    columns: { turn_id: "text", score: "real", comment: "free text", given_at: "text", expected: "text" },
  },
];

/** A server may have been started on the new database, and has then kept its prompts. */
const texts: Table = { name: "texts", key: ["hash"], columns: { hash: "text", text: "free text" }, mayHaveMore: true };

const ofUnfinishedTurns: Table[] = [
  {
    name: "waits",
    key: ["turn_id"],
    columns: { turn_id: "text", wait: "text", asked_at: "integer", answered_at: "integer", earlier: "text" },
  },
  {
    name: "graph_checkpoints",
    key: ["place"],
    columns: {
      place: "integer",
      turn_id: "text",
      namespace: "text",
      id: "text",
      parent_id: "text",
      checkpoint_type: "text",
      checkpoint: "bytes",
      metadata_type: "text",
      metadata: "bytes",
    },
  },
  {
    name: "graph_writes",
    key: ["turn_id", "namespace", "checkpoint_id", "task_id", "position"],
    columns: {
      turn_id: "text",
      namespace: "text",
      checkpoint_id: "text",
      task_id: "text",
      position: "integer",
      task_path: "text",
      channel: "text",
      type: "text",
      value: "bytes",
    },
  },
  {
    name: "tool_calls",
    key: ["place"],
    columns: {
      place: "integer",
      turn_id: "text",
      call: "free text",
      attempt: "integer",
      has_ended: "flag",
      told: "text",
      output: "text",
      started_at: "integer",
      ended_at: "integer",
    },
  },
];

const files: Table[] = [
  {
    name: "files",
    key: ["file_id"],
    columns: {
      file_id: "text",
      user_id: "text",
      name: "free text",
      size: "integer",
      media_type: "text",
      created_at: "text",
      state: "text",
    },
  },
  {
    name: "file_uses",
    key: ["conversation_id", "file_id"],
    columns: { conversation_id: "text", file_id: "text" },
  },
];

/** In this order: later ones refer to earlier ones. */
export const contents: readonly Table[] = [sessions, turns, ...ofTurns, texts, ...ofUnfinishedTurns, ...files];

/** Without its conversation nothing else is found or run. Leases are not copied: their holders do not run. */
export const conversations: Table = {
  name: "conversations",
  key: ["id"],
  columns: {
    id: "text",
    owner: "text",
    session_id: "text",
    context: "text",
    epoch: "integer",
    created_at: "text",
  },
};

/** Counters that go on after the moved rows: the sequence in Postgres, by the column that takes from it. */
export const counters = [
  { table: "turns", column: "seq", sequence: "pg_get_serial_sequence('turns', 'seq')" },
  { table: "turns", column: "ended", sequence: "'turns_ended'" },
  { table: "graph_checkpoints", column: "place", sequence: "pg_get_serial_sequence('graph_checkpoints', 'place')" },
  { table: "tool_calls", column: "place", sequence: "pg_get_serial_sequence('tool_calls', 'place')" },
] as const;

/** The key of a row, as JSON. */
export function positionOf({ columns, key }: Table, row: Row): string {
  const names = Object.keys(columns);
  return JSON.stringify(key.map((name) => row[names.indexOf(name)]));
}
