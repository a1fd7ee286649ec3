import type { Database } from "better-sqlite3";

import type { Store } from "./store.ts";
import { optionalTurn, type TurnRow, turnOf } from "./turn-row.ts";

/** A page of missed turns; older ones are in the history. */
const mostMissed = 200;

type Part = Pick<
  Store,
  "turn" | "history" | "endedAfter" | "undelivered" | "delivered" | "lastTurn" | "superseded" | "rewound" | "rate"
>;

/** What is read of turns that were, and what is known of their terminal events' way. */
export function sqliteHistory(database: Database): Part {
  const rows = (condition: string) => database.prepare<unknown[], TurnRow>(`SELECT * FROM turns WHERE ${condition}`);
  const inSession = "session_id = (SELECT session_id FROM conversations WHERE id = ?)";
  const byId = rows("conversation_id = ? AND id = ?");
  const inSessionById = rows(`${inSession} AND id = ?`);
  const page = rows(`${inSession} AND NOT superseded AND seq < ? ORDER BY seq DESC LIMIT ?`);
  const ids = (condition: string) =>
    database.prepare<unknown[], string>(`SELECT id FROM turns WHERE ${condition}`).pluck();
  const newest = `ORDER BY ended DESC LIMIT ${mostMissed}`;
  const endedSince = ids(`${inSession} AND ended > ? ${newest}`);
  const endedBeside = ids(`${inSession} AND (ended >= ? OR (ended IS NOT NULL AND seq > ? AND beside >= ?)) ${newest}`);
  const undelivered = ids(`${inSession} AND delivery < 2 AND ended IS NOT NULL ${newest}`);
  const deliver = database.prepare("UPDATE turns SET delivery = ? WHERE id = ? AND delivery < ?");
  const superseded = rows(
    "session_id = ? AND superseded = 1 AND seq < (SELECT seq FROM turns WHERE id = ?) ORDER BY seq",
  );
  const rewind = database.prepare("UPDATE turns SET superseded = 2 WHERE id = ?");
  const sessionOf = database.prepare<[string], string>("SELECT session_id FROM conversations WHERE id = ?").pluck();
  const rate = database.prepare(
    "INSERT OR REPLACE INTO feedback (turn_id, score, comment, expected, given_at) VALUES (?, ?, ?, ?, ?)",
  );
  const latest = Number.MAX_SAFE_INTEGER;

  return {
    async turn(conversationId, turnId) {
      return optionalTurn(byId.get(conversationId, turnId));
    },
    async history(conversationId, limit, before) {
      const seq = before === undefined ? latest : inSessionById.get(conversationId, before)?.seq;
      if (seq === undefined) return undefined;
      const found = page.all(conversationId, seq, limit + 1);
      return { turns: found.slice(0, limit).reverse().map(turnOf), hasMore: found.length > limit };
    },
    async endedAfter(conversationId, turnId, offset) {
      const row = byId.get(conversationId, turnId);
      if (!row) return undefined;
      const isOver = row.session_id !== sessionOf.get(conversationId); // with its session, perhaps without an end of its own
      const ended = row.ended ?? (isOver ? 0 : latest);
      const isInside = offset !== undefined;
      const found = isInside
        ? endedBeside.all(conversationId, ended, row.seq, offset)
        : endedSince.all(conversationId, ended);
      return found.reverse();
    },
    async undelivered(conversationId) {
      return undelivered.all(conversationId).reverse();
    },
    async delivered(turnId, delivery) {
      const level = delivery === "acknowledged" ? 2 : 1;
      deliver.run(level, turnId, level);
    },
    async superseded({ id, sessionId }) {
      return superseded.all(sessionId, id).map(turnOf);
    },
    async rewound(turns) {
      for (const { id } of turns) rewind.run(id);
    },
    async rate(turnId, { score, comment, expected }) {
      rate.run(turnId, score, comment ?? null, expected ?? null, new Date().toISOString());
    },
    async lastTurn(conversationId) {
      return optionalTurn(page.get(conversationId, latest, 1));
    },
  };
}
