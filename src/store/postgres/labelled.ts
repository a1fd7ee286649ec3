import { type LabelledMessage, labelledMessage, maxHistoryTurns, minConfidence } from "../labelled.ts";
import type { Outcome } from "../turns.ts";
import type { Database } from "./database.ts";
import { sql } from "./statement.ts";

/** Turns that are read at once: each may have a text of 1 MiB. */
const readAtOnce = 100;

/** As in SQLite, but of what the model stage decided only a first selection: the JSON of an outcome may contain what Postgres does not parse. */
const selection = sql(`
  SELECT id, turns.seq, request, outcome, expected, earlier.requests, earlier.outcomes
  FROM turns LEFT JOIN feedback ON turn_id = id
  CROSS JOIN LATERAL (
    SELECT array_agg(request ORDER BY seq) AS requests, array_agg(outcome ORDER BY seq) AS outcomes FROM (
      SELECT seq, request, outcome FROM turns AS other
      WHERE other.session_id = turns.session_id AND other.seq < turns.seq AND NOT superseded AND outcome IS NOT NULL
      ORDER BY seq DESC LIMIT ${maxHistoryTurns}
    ) AS latest
  ) AS earlier
  WHERE turns.seq > $1 AND attachments IS NULL AND (expected IS NOT NULL OR (
    status = 'completed' AND NOT superseded AND strpos(outcome, '"decided_by":"model"') > 0 AND coalesce(score, 0) >= 0
  ))
  ORDER BY turns.seq LIMIT ${readAtOnce}`);

interface Row {
  id: string;
  seq: number;
  request: string;
  outcome: string | null;
  expected: string | null;
  requests: string[] | null;
  outcomes: string[] | null;
}

export async function* postgresLabelled(database: Database): AsyncGenerator<LabelledMessage> {
  for (let after = 0; ; ) {
    const rows = await database.rows<Row>(selection, [after]);
    for (const row of rows) {
      const { requests, outcomes } = row;
      const earlier = (requests ?? []).map((request, index) => ({ request, outcome: outcomes?.[index] ?? "{}" }));
      yield* labelledMessage({ ...row, routed: routedBy(row.outcome) }, earlier);
    }
    const last = rows.at(-1);
    if (!last) return;
    after = last.seq;
  }
}

/** The engine that the model stage chose, if it was confident. */
function routedBy(json: string | null): string | null {
  if (json === null) return null;
  const { conversationType, metadata }: Outcome = JSON.parse(json);
  const routing = metadata.routing as { decided_by?: unknown; confidence?: unknown } | undefined; // written by the ledger
  const { decided_by, confidence } = routing ?? {};
  const isSure = decided_by === "model" && typeof confidence === "number" && confidence >= minConfidence;
  return isSure ? conversationType : null;
}
