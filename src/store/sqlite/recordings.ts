import type { Database } from "better-sqlite3";

import type { RecordedCall, RecordedWait, Recording } from "../records.ts";
import type { Turn } from "../turns.ts";
import { type WaitRow, waitsAsJson } from "../waits-as-json.ts";
import { flightDropper, graphTables } from "./flight.ts";

/** In UTF-16 units, as JSON. Of all results of a turn's tool calls together; what begins later is kept without its result. */
const maxResultUnits = 1_048_576;

interface CallRow {
  place: number;
  call: string;
  told: string;
  output: string | null;
  started_at: number | null;
  ended_at: number | null;
}

const callColumns = "place, call, told, output, started_at, ended_at";
const waitColumns = "wait, asked_at, answered_at, earlier";

/** Deletes what only an unfinished turn needs, and keeps what a replay needs. Has to run inside a transaction. */
export function recorder(database: Database): (turn: Pick<Turn, "id" | "seq">) => void {
  const takeCalls = database.prepare<[string], CallRow>(
    `DELETE FROM tool_calls WHERE turn_id = ? RETURNING ${callColumns}`,
  );
  const takeWait = database.prepare<[string], WaitRow>(`DELETE FROM waits WHERE turn_id = ? RETURNING ${waitColumns}`);
  const keep = database.prepare("INSERT INTO recordings (seq, calls, waits) VALUES (?, ?, ?)");
  const dropGraph = flightDropper(database, graphTables);
  return ({ id, seq }) => {
    const calls = takeCalls.all(id);
    const [wait] = takeWait.all(id);
    if (calls.length > 0 || wait) keep.run(seq, callsAsJson(calls), waitsAsJson(wait));
    dropGraph(id);
  };
}

/** The questions of all waits of an unfinished turn, as JSON. */
export function earlierWaits(database: Database): (turnId: string) => string {
  const row = database.prepare<[string], WaitRow>(`SELECT ${waitColumns} FROM waits WHERE turn_id = ?`);
  return (turnId) => waitsAsJson(row.get(turnId));
}

/** Reads what is kept of an ended turn, or what an unfinished one has done so far. */
export function sqliteRecording(database: Database): (turnId: string) => Pick<Recording, "calls" | "waits"> {
  const kept = database.prepare<[string], { calls: string; waits: string }>(
    "SELECT calls, waits FROM recordings WHERE seq = (SELECT seq FROM turns WHERE id = ?)",
  );
  const calls = database.prepare<[string], CallRow>(`SELECT ${callColumns} FROM tool_calls WHERE turn_id = ?`);
  const wait = database.prepare<[string], WaitRow>(`SELECT ${waitColumns} FROM waits WHERE turn_id = ?`);
  return (turnId) => {
    const found = kept.get(turnId) ?? {
      calls: callsAsJson(calls.all(turnId)),
      waits: waitsAsJson(wait.get(turnId)),
    };
    return { calls: JSON.parse(found.calls) as RecordedCall[], waits: JSON.parse(found.waits) as RecordedWait[] };
  };
}

/** The texts of the columns are JSON, and are not parsed. */
function callsAsJson(rows: readonly CallRow[]): string {
  let left = maxResultUnits;
  const all = rows
    .toSorted((one, other) => one.place - other.place)
    .map(({ call, told, output, started_at, ended_at }) => {
      left -= output?.length ?? 0;
      const facts = [`"key":${JSON.stringify(call)}`, `"told":${told}`];
      if (output !== null && left >= 0) facts.push(`"output":${output}`);
      if (started_at !== null) facts.push(`"startedAt":${started_at}`);
      if (ended_at !== null) facts.push(`"endedAt":${ended_at}`);
      return `{${facts.join()}}`;
    });
  return `[${all.join()}]`;
}
