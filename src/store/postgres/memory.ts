import type { HistoryStore, RememberedTurn } from "../history.ts";
import type { Database } from "./database.ts";
import { sql } from "./statement.ts";
import { textOf } from "./text.ts";

/** How much of the history is read at once, in bytes: more than what a model remembers. At least one turn is. */
const batchBytes = 1_048_576;

/**
 * The answered turns before the turn `$2`, the newest first, up to `$3` turns. `$4` is the `seq` up to which the summary reaches, null if that is not
 * known yet. One row a turn; without turns, one row with the summary.
 */
const memory = sql(`
  WITH session AS (
    SELECT summary, coalesce($4, summary_up_to) AS up_to FROM (VALUES (1)) AS one LEFT JOIN sessions ON id = $1
  ),
  sizes AS (
    SELECT seq, octet_length(request) + octet_length(outcome) + coalesce(octet_length(messages), 0) AS bytes
    FROM turns LEFT JOIN produced USING (seq)
    WHERE session_id = $1 AND NOT superseded AND outcome IS NOT NULL AND seq < $2 AND seq > coalesce((SELECT up_to FROM session), 0)
    ORDER BY seq DESC LIMIT $3
  ),
  measured AS (SELECT seq, row_number() OVER newest AS place, sum(bytes) OVER newest AS total FROM sizes WINDOW newest AS (ORDER BY seq DESC)),
  batch AS (SELECT seq FROM measured WHERE place = 1 OR total <= ${batchBytes})
  SELECT coalesce(summary, '""') AS summary, coalesce(up_to, 0) AS up_to, (SELECT count(*) FROM sizes) AS found, batch_turns.*
  FROM session LEFT JOIN (
    SELECT seq, id, request, outcome, attachments, messages FROM batch JOIN turns USING (seq) LEFT JOIN produced USING (seq)
  ) AS batch_turns ON true
  ORDER BY seq DESC`);

type Row = { summary: string; up_to: number; found: number } & (TurnPart | { seq: null });

interface TurnPart {
  seq: number;
  id: string;
  request: string;
  outcome: string;
  attachments: string | null;
  messages: string | null;
}

/** Reads batches until a bound is reached; usually the first one is enough. */
export function postgresMemory(database: Database): HistoryStore["memory"] {
  return async (sessionId, seq, bounds) => {
    const turns: RememberedTurn[] = [];
    let units = 0;
    let head: Row | undefined;
    for (let before = seq; ; ) {
      const rows = await database.rows<Row>(memory, [sessionId, before, bounds.turns, head?.up_to ?? null]);
      head ??= rows[0];
      const found = rows.flatMap((row) => (row.seq === null ? [] : row));
      for (const row of found) {
        const turn = rememberedTurn(row);
        if (!turn.response.trim() && !turn.produced) continue;
        turns.push(turn);
        units += turn.query.length + (turn.produced?.length ?? Math.min(turn.response.length, bounds.answerUnits));
        if (turns.length >= bounds.turns || units >= bounds.units) break;
      }
      const isFull = turns.length >= bounds.turns || units >= bounds.units;
      const oldest = found.at(-1);
      if (isFull || !oldest || ((rows[0]?.found ?? 0) < bounds.turns && found.length === rows[0]?.found)) break;
      before = oldest.seq;
    }
    return { summary: textOf(head?.summary ?? '""'), upTo: head?.up_to ?? 0, turns: turns.reverse() };
  };
}

function rememberedTurn({ id, seq, request, outcome, attachments, messages }: TurnPart): RememberedTurn {
  return {
    id,
    seq,
    query: JSON.parse(request).query,
    ...(attachments !== null && { attachments: JSON.parse(attachments) }),
    response: JSON.parse(outcome).response ?? "",
    ...(messages && { produced: messages }),
  };
}
