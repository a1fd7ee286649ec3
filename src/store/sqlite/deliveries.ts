import type { Database } from "better-sqlite3";

import type { DeliveryStore, End } from "../deliveries.ts";
import { lockTimeoutMs } from "./lock-timeouts.ts";
import type { Write } from "./writer.ts";

/** Maximum number of missed turns that are redelivered; older ones are in the history. */
const maxMissed = 200;

const ofSession = "session_id = (SELECT session_id FROM conversations WHERE id = ?)";
const inSession = `${ofSession} AND superseded = 0`;

const levels = { sent: 1, acknowledged: 2 } as const;

export function sqliteDeliveries(database: Database, write: Write): DeliveryStore {
  const ids = (condition: string) =>
    database
      .prepare<unknown[], string>(`SELECT id FROM turns WHERE ${condition} ORDER BY ended DESC LIMIT ${maxMissed}`)
      .pluck();
  const byId = database.prepare<[string, string], { seq: number; session_id: string; ended: number | null }>(
    "SELECT seq, session_id, ended FROM turns WHERE conversation_id = ? AND id = ?",
  );
  const sessionOf = database.prepare<[string], string>("SELECT session_id FROM conversations WHERE id = ?").pluck();
  const endedSince = ids(`${inSession} AND ended > ?`);
  const endedSinceOffset = ids(`${inSession} AND (ended >= ? OR (ended > ? AND seq > ? AND beside >= ?))`);
  /** `ended` of the last turn that ran before the turn `seq`. */
  const endedBefore = database
    .prepare<[string, number], number>(
      "SELECT ended FROM turns WHERE session_id = ? AND seq < ? AND ended IS NOT NULL AND beside IS NULL ORDER BY seq DESC LIMIT 1",
    )
    .pluck();
  const undelivered = ids(`${inSession} AND delivery < 2 AND ended IS NOT NULL`);
  const endsSince = database.prepare<[string, number], End>(
    `SELECT id AS turnId, ended AS position FROM turns WHERE ${ofSession} AND ended > ? ORDER BY ended LIMIT ${maxMissed}`,
  );
  const lastEnd = database.prepare<[string], number | null>(`SELECT max(ended) FROM turns WHERE ${ofSession}`).pluck();
  const raise = database.prepare("UPDATE turns SET delivery = ? WHERE id = ? AND delivery < ?");

  return {
    async endedAfter(conversationId, turnId, offset) {
      const row = byId.get(conversationId, turnId);
      if (!row) return undefined;
      const isOldSession = row.session_id !== sessionOf.get(conversationId); // a reset ends turns without setting `ended`
      const ended = row.ended ?? (isOldSession ? 0 : Number.MAX_SAFE_INTEGER);
      const found =
        offset === undefined
          ? endedSince.all(conversationId, ended)
          : endedSinceOffset.all(conversationId, ended, endedBefore.get(row.session_id, row.seq) ?? 0, row.seq, offset);
      return found.reverse();
    },
    async undelivered(conversationId) {
      return undelivered.all(conversationId).reverse();
    },
    async lastEnd(conversationId) {
      return lastEnd.get(conversationId) ?? 0;
    },
    async endsSince(conversationId, position) {
      return endsSince.all(conversationId, position);
    },
    async mark(deliveries) {
      const raiseAll = () => {
        for (const [turnId, delivery] of deliveries) raise.run(levels[delivery], turnId, levels[delivery]);
      };
      await write(raiseAll, { lockTimeoutMs });
    },
  };
}
