import type { Database } from "better-sqlite3";

import { type HistoryStore, maxPageBytes, type RememberedTurn } from "../history.ts";
import { keyOf, optionalTurn, type TurnRow, turnOf } from "../turn-row.ts";
import { filesIn, maxTurnsWithFiles } from "../turns-files.ts";
import { lockTimeoutMs } from "./lock-timeouts.ts";
import { sqliteReasoning } from "./reasoning.ts";
import { isOpen } from "./turns.ts";
import type { Write } from "./writer.ts";

const inSession = "session_id = (SELECT session_id FROM conversations WHERE id = ?)";

/** Pages are measured before their texts are read, so that a page of huge turns does not block the event loop. */
export function sqliteHistory(database: Database, write: Write): HistoryStore {
  const rows = (condition: string) => database.prepare<unknown[], TurnRow>(`SELECT * FROM turns WHERE ${condition}`);
  const byId = rows("conversation_id = ? AND id = ?");
  const byClientId = rows("conversation_id = ? AND client_id = ?");
  const openBefore = database
    .prepare<[string, number], number>(`SELECT count(*) FROM turns WHERE conversation_id = ? AND ${isOpen} AND seq < ?`)
    .pluck();
  const seqInSession = database
    .prepare<[string, string], number>(`SELECT seq FROM turns WHERE ${inSession} AND id = ?`)
    .pluck();
  const last = rows(`${inSession} AND superseded = 0 ORDER BY seq DESC LIMIT 1`);
  const sizes = database.prepare<[string, number, number], { seq: number; bytes: number }>(`
    SELECT seq, octet_length(request) + coalesce(octet_length(outcome), 0) AS bytes
    FROM turns WHERE ${inSession} AND superseded = 0 AND seq < ? ORDER BY seq DESC LIMIT ?`);
  const between = rows(`${inSession} AND superseded = 0 AND seq >= ? AND seq < ? ORDER BY seq`);
  const summary = database.prepare<[string], { summary: string; summary_up_to: number }>(
    "SELECT summary, summary_up_to FROM sessions WHERE id = ?",
  );
  const ended = rows(
    "session_id = ? AND superseded = 0 AND outcome IS NOT NULL AND seq > ? AND seq < ? ORDER BY seq DESC",
  );
  const producedBy = database.prepare<[number], string | null>("SELECT messages FROM produced WHERE seq = ?").pluck();
  /** Parses no outcome of turns that have produced nothing. */
  const lastKept = database
    .prepare<[string, number, string], string | null>(`
      SELECT kept FROM turns LEFT JOIN produced USING (seq)
      WHERE session_id = ? AND superseded = 0 AND seq < ?
        AND CASE WHEN produced.seq IS NULL THEN 0 ELSE outcome ->> 'conversationType' = ? END
      ORDER BY seq DESC LIMIT 1`)
    .pluck();
  const files = database
    .prepare<[string, number, number], string>(`
      SELECT attachments FROM turns WHERE session_id = ? AND superseded = 0 AND seq <= ? AND attachments IS NOT NULL
      ORDER BY seq DESC LIMIT ?`)
    .pluck();
  const rate = database.prepare(
    "INSERT OR REPLACE INTO feedback (turn_id, score, comment, expected, given_at) VALUES (?, ?, ?, ?, ?)",
  );
  const keepText = database.prepare("INSERT OR IGNORE INTO texts (hash, text) VALUES (?, ?)");

  return {
    async turn(conversationId, turnId) {
      return optionalTurn(byId.get(conversationId, turnId));
    },
    async byClientId(conversationId, clientId) {
      const row = byClientId.get(conversationId, keyOf(clientId));
      return row && { turn: turnOf(row), position: openBefore.get(conversationId, row.seq) ?? 0 };
    },
    reasoning: sqliteReasoning(database),
    async last(conversationId) {
      return optionalTurn(last.get(conversationId));
    },
    async page(conversationId, limit, before) {
      const end = before === undefined ? Number.MAX_SAFE_INTEGER : seqInSession.get(conversationId, before);
      if (end === undefined) return undefined;
      const found = sizes.all(conversationId, end, limit + 1);
      const shown = upToPageSize(found.slice(0, limit));
      const first = shown.at(-1);
      const turns = first ? between.all(conversationId, first.seq, end).map(turnOf) : [];
      return { turns, hasMore: found.length > shown.length };
    },
    async memory(sessionId, seq, bounds) {
      const { summary: text, summary_up_to: upTo } = summary.get(sessionId) ?? { summary: "", summary_up_to: 0 };
      const turns: RememberedTurn[] = [];
      let units = 0;
      for (const row of ended.iterate(sessionId, upTo, seq)) {
        const { id, request, outcome, attachments } = turnOf(row);
        const { response = "" } = outcome ?? {};
        const produced = producedBy.get(row.seq) ?? undefined;
        if (!response.trim() && !produced) continue;
        const own = { ...(attachments && { attachments }), ...(produced && { produced }) };
        turns.push({ id, seq: row.seq, query: request.query, response, ...own });
        units += request.query.length + (produced?.length ?? Math.min(response.length, bounds.answerUnits));
        if (turns.length >= bounds.turns || units >= bounds.units) break;
      }
      return { summary: text, upTo, turns: turns.reverse() };
    },
    async lastKept(sessionId, seq, conversationType) {
      return lastKept.get(sessionId, seq, conversationType) ?? undefined;
    },
    async files(sessionId, seq) {
      return filesIn(files.all(sessionId, seq, maxTurnsWithFiles));
    },
    async rate(turnId, { score, comment, expected }) {
      const now = new Date().toISOString();
      await write(() => rate.run(turnId, score, comment ?? null, expected ?? null, now), { lockTimeoutMs });
    },
    async keepTexts(texts) {
      await write(() => {
        for (const { hash, source } of texts) keepText.run(hash, source);
      });
    },
  };
}

function upToPageSize<Row extends { bytes: number }>(rows: Row[]): Row[] {
  let left = maxPageBytes;
  const end = rows.findIndex(({ bytes }, index) => {
    left -= bytes;
    return left < 0 && index > 0;
  });
  return end < 0 ? rows : rows.slice(0, end);
}
