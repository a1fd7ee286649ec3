import type { RecordedCall, RecordedWait, Recording } from "../records.ts";
import type { Turn } from "../turns.ts";
import { type WaitRow, waitsAsJson } from "../waits-as-json.ts";
import { sql } from "./statement.ts";
import type { Transaction } from "./transaction.ts";

/** In characters, as JSON. Of all results of a turn's tool calls together; what begins later is kept without its result. */
const maxResultLength = 1_048_576;

/** The calls in `measured` as JSON; null if there are none. The texts of the columns are JSON. */
const callsAsJson = `
  '[' || string_agg(
    '{"key":' || call || ',"told":' || told
      || CASE WHEN total <= ${maxResultLength} THEN coalesce(',"output":' || output, '') ELSE '' END
      || coalesce(',"startedAt":' || started_at, '') || coalesce(',"endedAt":' || ended_at, '') || '}',
    ',' ORDER BY place
  ) || ']'`;

const measured = (calls: string) => `
  measured AS (SELECT *, coalesce(sum(char_length(output)) OVER (ORDER BY place), 0) AS total FROM ${calls})`;

/** Deletes what only an unfinished turn needs, and keeps what a replay needs. `$3` are the waits. */
const keep = sql(`
  WITH checkpoints AS (DELETE FROM graph_checkpoints WHERE turn_id = $1),
  writes AS (DELETE FROM graph_writes WHERE turn_id = $1),
  calls AS (DELETE FROM tool_calls WHERE turn_id = $1 RETURNING *),
  ${measured("calls")}
  INSERT INTO recordings (seq, calls, waits)
  SELECT $2, coalesce(${callsAsJson}, '[]'), $3 FROM measured HAVING count(*) > 0 OR $3 <> '[]'`);

const waitColumns = "wait, asked_at, answered_at, earlier";
const takeWait = sql(`DELETE FROM waits WHERE turn_id = $1 RETURNING ${waitColumns}`);
const waitOf = sql(`SELECT ${waitColumns} FROM waits WHERE turn_id = $1`);

const callsOf = sql(`
  WITH calls AS (SELECT * FROM tool_calls WHERE turn_id = $1), ${measured("calls")}
  SELECT coalesce(${callsAsJson}, '[]') AS calls FROM measured`);
const kept = sql("SELECT calls, waits FROM recordings WHERE seq = (SELECT seq FROM turns WHERE id = $1)");

/** A part of the transaction that ends a turn. Need not be awaited if the turn has not waited. */
export async function record(
  { rows }: Transaction,
  { id, seq }: Pick<Turn, "id" | "seq">,
  mayHaveWaited: boolean,
): Promise<void> {
  const [wait] = mayHaveWaited ? await rows<WaitRow>(takeWait, [id]) : [];
  await rows(keep, [id, seq, waitsAsJson(wait)]);
}

/** The questions of all waits of an unfinished turn, as JSON. */
export async function earlierWaits({ rows }: Transaction, turnId: string): Promise<string> {
  const [wait] = await rows<WaitRow>(waitOf, [turnId]);
  return waitsAsJson(wait);
}

/** Reads what is kept of an ended turn, or what an unfinished one has done so far. Looks last at what is kept: the turn may end meanwhile. */
export async function recordingOf({ rows }: Transaction, turnId: string): Promise<Pick<Recording, "calls" | "waits">> {
  const [[flight], [wait], [ended]] = await Promise.all([
    rows<{ calls: string }>(callsOf, [turnId]),
    rows<WaitRow>(waitOf, [turnId]),
    rows<{ calls: string; waits: string }>(kept, [turnId]),
  ]);
  const found = ended ?? { calls: flight?.calls ?? "[]", waits: waitsAsJson(wait) };
  return { calls: JSON.parse(found.calls) as RecordedCall[], waits: JSON.parse(found.waits) as RecordedWait[] }; // written above
}
