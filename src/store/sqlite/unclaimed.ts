import type { Database } from "better-sqlite3";

import { leaseMs, type TurnStore, type Unfinished } from "../turns.ts";

/** Finds the conversations that somebody has to run. Turns that were there before count as old: whoever accepted them is gone. */
export function unclaimedTurns(database: Database): TurnStore["unclaimed"] {
  const before = database.prepare<[], number>("SELECT coalesce(max(seq), 0) FROM turns").pluck().get() ?? 0;
  const find = database.prepare<[number, number, string, string, number], Unfinished>(`
    SELECT conversation_id AS conversationId, user_id AS userId, seq FROM turns AS head
    WHERE status IN ('queued', 'running')
    AND (SELECT coalesce(lease_until, 0) FROM conversations WHERE id = conversation_id) <= ?
    AND (attempt > 0 OR seq <= ? OR accepted_at NOT BETWEEN ? AND ?)
    AND NOT EXISTS (
      SELECT 1 FROM turns AS ahead WHERE ahead.conversation_id = head.conversation_id
      AND ahead.status IN ('queued', 'running', 'waiting') AND ahead.seq < head.seq
    )
    ORDER BY seq LIMIT ?`);
  return async (limit) => {
    const now = Date.now();
    return find.all(now, before, new Date(now - leaseMs + 1).toISOString(), new Date(now).toISOString(), limit);
  };
}
