import type { DeliveryStore, End } from "../deliveries.ts";
import type { Database } from "./database.ts";
import { sql } from "./statement.ts";
import { idIn } from "./text.ts";

/** Maximum number of missed turns that are redelivered; older ones are in the history. */
const maxMissed = 200;

const levels = { sent: 1, acknowledged: 2 } as const;

const ids = (condition: string) =>
  sql(`
  SELECT id FROM turns
  WHERE session_id = (SELECT session_id FROM conversations WHERE id = $1) AND NOT superseded AND ${condition}
  ORDER BY ended DESC LIMIT ${maxMissed}`);

/**
 * `ended` is null if the turn has not ended; the turns of a session that was reset count as ended before all others. `before` is `ended` of the
 * last turn that ran before it.
 */
const byId = sql(`
  SELECT seq, CASE WHEN ended IS NULL AND session_id <> (SELECT session_id FROM conversations WHERE id = $1) THEN 0 ELSE ended END AS ended,
    coalesce((
      SELECT ended FROM turns AS earlier WHERE earlier.session_id = turns.session_id AND earlier.seq < turns.seq
        AND earlier.ended IS NOT NULL AND earlier.beside IS NULL ORDER BY earlier.seq DESC LIMIT 1
    ), 0) AS before
  FROM turns WHERE conversation_id = $1 AND id = $2`);

const endedSince = ids("ended > $2");
const endedSinceOffset = ids("(ended >= $2 OR (ended > $3 AND seq > $4 AND beside >= $5))");
const endsSince = sql(`
  SELECT id AS "turnId", ended AS position FROM turns
  WHERE session_id = (SELECT session_id FROM conversations WHERE id = $1) AND ended > $2
  ORDER BY ended LIMIT ${maxMissed}`);
const lastEnd = sql(`
  SELECT max(ended) AS ended FROM turns
  WHERE session_id = (SELECT session_id FROM conversations WHERE id = $1) AND ended IS NOT NULL`);
const undelivered = ids("delivery < 2 AND ended IS NOT NULL");

/** Turns are locked in order, so that two of these do not wait for each other. */
const raise = sql(`
  WITH marks AS (SELECT * FROM unnest($1::text[], $2::smallint[]) AS marks (id, level)),
  raised AS (
    SELECT seq, level FROM turns JOIN marks USING (id) WHERE delivery < level ORDER BY seq FOR NO KEY UPDATE OF turns
  )
  UPDATE turns SET delivery = level FROM raised WHERE turns.seq = raised.seq`);

export function postgresDeliveries(database: Database): DeliveryStore {
  async function found(statement: typeof endedSince, values: readonly unknown[]): Promise<string[]> {
    return (await database.rows<{ id: string }>(statement, values)).map(({ id }) => id).reverse();
  }

  return {
    async endedAfter(conversationId, turnId, offset) {
      const turn = await database.first<{ seq: number; ended: number | null; before: number }>(byId, [
        conversationId,
        idIn(turnId),
      ]);
      if (!turn) return undefined;
      const ended = turn.ended ?? Number.MAX_SAFE_INTEGER;
      return offset === undefined
        ? await found(endedSince, [conversationId, ended])
        : await found(endedSinceOffset, [conversationId, ended, turn.before, turn.seq, offset]);
    },
    async undelivered(conversationId) {
      return await found(undelivered, [conversationId]);
    },
    async lastEnd(conversationId) {
      return (await database.first<{ ended: number | null }>(lastEnd, [conversationId]))?.ended ?? 0;
    },
    async endsSince(conversationId, position) {
      return await database.rows<End>(endsSince, [conversationId, position]);
    },
    async mark(deliveries) {
      const marked = [...deliveries.values()].map((delivery) => levels[delivery]);
      await database.rows(raise, [[...deliveries.keys()].map(idIn), marked]);
    },
  };
}
