import type { End } from "../deliveries.ts";
import { keyOf, turnOf } from "../turn-row.ts";
import { type Accepted, type Admission, leaseMs, type NewTurn, type Turn } from "../turns.ts";
import { sql } from "./statement.ts";
import { idIn } from "./text.ts";
import type { Transaction } from "./transaction.ts";
import { isOpen, type TurnRow, turnColumns } from "./turn-columns.ts";

/** Takes back what the transaction has written so far. */
export class FileGone extends Error {}

/** When a lease that is taken or renewed now ends. */
export const leaseEnd = `clock_timestamp() + interval '${leaseMs} ms'`;

const positionOf = `(SELECT count(*) FROM turns AS ahead WHERE ahead.conversation_id = turns.conversation_id AND ahead.${isOpen} AND ahead.seq < turns.seq)`;

/** The turn with this client id. */
const known = sql(`
  SELECT ${turnColumns}, ${positionOf} AS position FROM turns WHERE conversation_id = $1 AND client_id = $2`);

/** The turn that an earlier attempt has written; `epoch` is that of its claim, if the turn was claimed and still is. */
const written = sql(`
  SELECT ${turnColumns}, ${positionOf} AS position,
    (SELECT epoch FROM conversations WHERE id = conversation_id AND claim_id = turns.id AND lease_until IS NOT NULL) AS epoch
  FROM turns WHERE id = $1`);

/** The id and the position of a session's last end, as JSON. */
export const lastEndOf = (session: string) => `(
    SELECT json_build_object('turnId', id, 'position', ended) FROM turns AS over
    WHERE over.session_id = ${session} AND over.ended IS NOT NULL ORDER BY over.ended DESC LIMIT 1
  )`;

const conditions = sql(`
  SELECT session_id, ${lastEndOf("conversations.session_id")} AS last_end,
    (SELECT count(*) FROM turns WHERE conversation_id = $1 AND ${isOpen}) AS position,
    coalesce((SELECT superseded FROM turns WHERE id = $2), false) AS is_gone
  FROM conversations WHERE id = $1`);

interface Conditions {
  session_id: string;
  last_end: End | null;
  position: number;
  is_gone: boolean;
}

/** Files are locked in order, so that two messages with the same files do not wait for each other. */
const useFiles = sql(`
  WITH own AS (
    SELECT file_id FROM files WHERE file_id = ANY ($2) AND user_id = $3 AND state <> 'given up' ORDER BY file_id FOR NO KEY UPDATE
  ),
  used AS (UPDATE files SET state = 'used' FROM own WHERE files.file_id = own.file_id),
  uses AS (INSERT INTO file_uses (conversation_id, file_id) SELECT $1, file_id FROM own ON CONFLICT DO NOTHING)
  SELECT file_id FROM own`);

/** Drops the summary if it covers a superseded turn. The new epoch invalidates the cached memory of the session. */
const supersede = sql(`
  WITH gone AS (
    UPDATE turns SET superseded = true WHERE session_id = $2 AND seq >= (SELECT seq FROM turns WHERE id = $3) RETURNING seq
  ),
  uncovered AS (
    UPDATE sessions SET summary = '""', summary_up_to = 0 WHERE id = $2 AND summary_up_to >= (SELECT min(seq) FROM gone)
  )
  UPDATE conversations SET epoch = epoch + 1 WHERE id = $1`);

const insert = sql(`
  WITH lease AS (
    UPDATE conversations SET epoch = epoch + 1, lease_until = ${leaseEnd}, claim_id = $1 WHERE id = $2 AND $7 = 'running'
    RETURNING epoch
  )
  INSERT INTO turns (id, conversation_id, session_id, user_id, client_id, replaces, status, attempt, request, attachments, accepted_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
  RETURNING seq, accepted_at, (SELECT epoch FROM lease) AS epoch`);

type Written = TurnRow & { position: number; epoch: number | null };

/** See `TurnStore`. The id of the turn names the claim, too. */
export async function accept(
  { isRepeat, lock, rows, last }: Transaction,
  turn: NewTurn,
  { maxAhead, mayClaim }: Admission,
): Promise<Accepted> {
  const { id, conversationId, sessionId, userId, clientId, replaces, attachments = [], request } = turn;
  const key = clientId === undefined ? null : keyOf(clientId);
  void lock(conversationId);
  const [[own], [duplicate], [found]] = await Promise.all([
    isRepeat ? rows<Written>(written, [id]) : [],
    key === null ? [] : rows<Written>(known, [conversationId, key]),
    rows<Conditions>(conditions, [conversationId, replaces === undefined ? null : idIn(replaces)]),
  ]);
  if (own) return acceptedBefore(own);
  if (duplicate) return { type: "duplicate", turn: turnOf(duplicate), position: duplicate.position };
  if (found?.session_id !== sessionId) return { type: "session_ended" };
  if (found.is_gone) return { type: "gone" };
  const { position } = found;
  if (position > maxAhead) return { type: "busy" };

  const fileIds = [...new Set(attachments.map(({ file_id }) => file_id))];
  if (fileIds.length > 0) {
    const used = await rows(useFiles, [conversationId, fileIds.map(idIn), userId]);
    if (used.length < fileIds.length) throw new FileGone();
  }
  if (replaces !== undefined) void rows(supersede, [conversationId, sessionId, replaces]);
  const [status, attempt] = mayClaim && position === 0 ? (["running", 1] as const) : (["queued", 0] as const);
  const files = attachments.length > 0 ? JSON.stringify(attachments) : null;
  const columns = [key, replaces ?? null, status, attempt, JSON.stringify(request), files];
  const [row] = await last<Pick<Written, "seq" | "accepted_at" | "epoch">>(insert, [
    id,
    conversationId,
    sessionId,
    userId,
    ...columns,
  ]);
  if (!row) throw new Error("The turn was not inserted.");
  const facts = { seq: row.seq, status, attempt, acceptedAt: row.accepted_at };
  const accepted: Turn = { ...turn, ...facts, crashes: 0, isSuperseded: false, wasSent: false };
  return { type: "accepted", turn: accepted, position, claim: claimOf(accepted, row.epoch, found.last_end) };
}

function acceptedBefore(row: Written): Accepted {
  const turn = turnOf(row);
  return { type: "accepted", turn, position: row.position, claim: claimOf(turn, row.epoch) };
}

function claimOf(turn: Turn, epoch: number | null, lastEnd: End | null = null) {
  return epoch === null ? undefined : { turn, epoch, lastEnd: lastEnd ?? undefined };
}
