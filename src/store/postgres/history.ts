import type { FileFacts } from "../../../graphs/files.ts";
import { type HistoryStore, maxPageBytes, type Page } from "../history.ts";
import { keyOf, optionalTurn, turnOf } from "../turn-row.ts";
import { filesIn, maxTurnsWithFiles } from "../turns-files.ts";
import { backgroundPatienceMs, type Database } from "./database.ts";
import { postgresMemory } from "./memory.ts";
import { postgresReasoning } from "./reasoning.ts";
import { sql } from "./statement.ts";
import { asText, idIn } from "./text.ts";
import { isOpen, type TurnRow, turnColumns } from "./turn-columns.ts";

const inSession = "session_id = (SELECT session_id FROM conversations WHERE id = $1)";

const byId = sql(`SELECT ${turnColumns} FROM turns WHERE conversation_id = $1 AND id = $2`);

const byClientId = sql(`
  SELECT ${turnColumns}, (
    SELECT count(*) FROM turns AS ahead WHERE ahead.conversation_id = $1 AND ahead.${isOpen} AND ahead.seq < turns.seq
  ) AS position
  FROM turns WHERE conversation_id = $1 AND client_id = $2`);

const last = sql(`SELECT ${turnColumns} FROM turns WHERE ${inSession} AND NOT superseded ORDER BY seq DESC LIMIT 1`);

/**
 * Measures before it reads. One row a turn; a page without turns is one row without a turn. `$2` is the turn before which the page ends, `$3` the
 * number of turns, `$4` their size. `found` counts up to one turn more.
 */
const page = sql(`
  WITH bound AS (
    SELECT CASE WHEN $2::text IS NULL THEN ${Number.MAX_SAFE_INTEGER} ELSE (SELECT seq FROM turns WHERE ${inSession} AND id = $2) END AS before
  ),
  sizes AS (
    SELECT seq, octet_length(request) + coalesce(octet_length(outcome), 0) AS bytes
    FROM turns WHERE ${inSession} AND NOT superseded AND seq < (SELECT before FROM bound) ORDER BY seq DESC LIMIT $3 + 1
  ),
  measured AS (SELECT seq, row_number() OVER newest AS place, sum(bytes) OVER newest AS total FROM sizes WINDOW newest AS (ORDER BY seq DESC)),
  shown AS (SELECT seq FROM measured WHERE place <= $3 AND (place = 1 OR total <= $4))
  SELECT before IS NOT NULL AS is_known, (SELECT count(*) FROM sizes) AS found, shown_turns.*
  FROM bound LEFT JOIN (SELECT ${turnColumns} FROM shown JOIN turns USING (seq)) AS shown_turns ON true
  ORDER BY seq`);

type PageRow = { is_known: boolean; found: number } & (TurnRow | { seq: null });

const lastKept = sql(`
  SELECT kept FROM turns JOIN produced USING (seq)
  WHERE session_id = $1 AND NOT superseded AND seq < $2 AND conversation_type = $3 ORDER BY seq DESC LIMIT 1`);

const files = sql(`
  SELECT attachments FROM turns WHERE session_id = $1 AND NOT superseded AND seq <= $2 AND attachments IS NOT NULL
  ORDER BY seq DESC LIMIT ${maxTurnsWithFiles}`);

const rate = sql(`
  INSERT INTO feedback (turn_id, score, comment, expected, given_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (turn_id) DO UPDATE SET score = excluded.score, comment = excluded.comment, expected = excluded.expected, given_at = excluded.given_at`);

/** In order, so that two transactions with the same texts do not wait for each other. */
const keepTexts = sql(`
  INSERT INTO texts (hash, text) SELECT hash, text FROM unnest($1::text[], $2::text[]) AS given (hash, text) ORDER BY hash
  ON CONFLICT (hash) DO NOTHING`);

export function postgresHistory(database: Database): HistoryStore {
  return {
    async turn(conversationId, turnId) {
      return optionalTurn(await database.first<TurnRow>(byId, [conversationId, idIn(turnId)]));
    },
    async byClientId(conversationId, clientId) {
      const row = await database.first<TurnRow & { position: number }>(byClientId, [conversationId, keyOf(clientId)]);
      return row && { turn: turnOf(row), position: row.position };
    },
    reasoning: postgresReasoning(database),
    async last(conversationId) {
      return optionalTurn(await database.first<TurnRow>(last, [conversationId]));
    },
    async page(conversationId, limit, before) {
      const bound = before === undefined ? null : (idIn(before) ?? "");
      return pageOf(await database.rows<PageRow>(page, [conversationId, bound, limit, maxPageBytes]));
    },
    memory: postgresMemory(database),
    async lastKept(sessionId, seq, conversationType) {
      const row = await database.first<{ kept: string | null }>(lastKept, [sessionId, seq, conversationType]);
      return row?.kept ?? undefined;
    },
    async files(sessionId, seq) {
      return filesOf(await database.rows<AttachmentsRow>(files, [sessionId, seq]));
    },
    async rate(turnId, { score, comment, expected }) {
      const said = comment === undefined ? null : asText(comment);
      await database.rows(rate, [turnId, score, said, expected ?? null, new Date().toISOString()]);
    },
    async keepTexts(texts) {
      const hashes = texts.map(({ hash }) => hash);
      const sources = texts.map(({ source }) => asText(source));
      await database.rows(keepTexts, [hashes, sources], { patienceMs: backgroundPatienceMs });
    },
  };
}

export interface AttachmentsRow {
  attachments: string;
}

/** The newest turn comes first. */
export function filesOf(rows: readonly AttachmentsRow[]): FileFacts[] {
  return filesIn(rows.map(({ attachments }) => attachments));
}

function pageOf(rows: readonly PageRow[]): Page | undefined {
  const [first] = rows;
  if (!first?.is_known) return undefined;
  const turns = rows.flatMap((row) => (row.seq === null ? [] : turnOf(row)));
  return { turns, hasMore: first.found > turns.length };
}
