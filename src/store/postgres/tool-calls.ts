import type { CallStart, ToolCallStore } from "../tool-calls.ts";
import { keyOf } from "../turn-row.ts";
import { backgroundPatienceMs, type Database } from "./database.ts";
import { held } from "./held.ts";
import { sql } from "./statement.ts";

/** The `attempt` of a call that was not over when its turn began to wait: a tool that asks a person starts again with the answer. */
export const beforeWait = 0;

const now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/**
 * One row if the claim is valid. `is_earlier`: the call has started in an earlier attempt, which is not over with a wait. `$5` is this attempt,
 * `$7` whether the call may be repeated.
 */
const start = sql(`
  WITH ${held},
  earlier AS (
    SELECT has_ended, output FROM tool_calls WHERE turn_id = $3 AND call = $4 AND attempt <> ${beforeWait} AND attempt <> $5
  ),
  begun AS (
    INSERT INTO tool_calls (turn_id, call, attempt, told, started_at)
    SELECT $3, $4, $5, $6, ${now} FROM held
    WHERE NOT EXISTS (SELECT 1 FROM earlier WHERE NOT $7::boolean OR (has_ended AND output IS NOT NULL))
    ON CONFLICT (turn_id, call) DO UPDATE SET
      attempt = excluded.attempt, told = excluded.told, started_at = excluded.started_at, has_ended = false, output = NULL
    RETURNING 1
  )
  SELECT EXISTS (SELECT 1 FROM begun) AS is_new, earlier.* FROM held LEFT JOIN earlier ON true`);

interface Start {
  is_new: boolean;
  has_ended: boolean | null;
  output: string | null;
}

const end = sql(`
  WITH ${held}
  UPDATE tool_calls SET has_ended = true, told = $5, output = $6, ended_at = ${now} FROM held WHERE turn_id = $3 AND call = $4`);

const told = sql("SELECT call, told FROM tool_calls WHERE turn_id = $1 ORDER BY place");

/** Calls are stored under their names as JSON: a model may choose any name. */
export function postgresToolCalls(database: Database): ToolCallStore {
  const background = { patienceMs: backgroundPatienceMs };
  return {
    async start({ turn, epoch }, call, { told, mayRepeat }) {
      const values = [turn.conversationId, epoch, turn.id, keyOf(call), turn.attempt, told, mayRepeat];
      return startOf(await database.first<Start>(start, values, background));
    },
    async end({ turn, epoch }, call, { told, output }) {
      const values = [turn.conversationId, epoch, turn.id, keyOf(call), told, output ?? null];
      await database.rows(end, values, background);
    },
    async told(turnId) {
      const rows = await database.rows<{ call: string; told: string }>(told, [turnId]);
      return new Map(rows.map(({ call, told }) => [JSON.parse(call), told]));
    },
  };
}

function startOf(row: Start | undefined): CallStart {
  if (!row) return { type: "void" };
  if (row.is_new) return { type: "new" };
  return row.has_ended ? { type: "finished", output: row.output ?? undefined } : { type: "unfinished" };
}
