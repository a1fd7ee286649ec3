import type { Turn, TurnStatus } from "../turns.ts";

/** A row of the table `turns`. */
export interface TurnRow {
  seq: number;
  id: string;
  conversation_id: string;
  session_id: string;
  user_id: string;
  client_id: string | null;
  replaces: string | null;
  superseded: boolean;
  status: TurnStatus;
  attempt: number;
  released: number;
  accepted_at: string;
  request: string;
  attachments: string | null;
  outcome: string | null;
  ended: number | null;
  ended_epoch: number | null;
  delivery: number;
  stop_requested: boolean;
}

/** Written as in the partial index `turns_open`. */
export const isOpen = "status IN ('queued', 'running', 'waiting')";

/** What `turnOf` needs. */
export const turnColumns =
  "seq, id, conversation_id, session_id, user_id, client_id, replaces, superseded, status, attempt, released, accepted_at, request, attachments, outcome, ended, ended_epoch, delivery, stop_requested";

export function optionalTurn(row: TurnRow | undefined): Turn | undefined {
  return row && turnOf(row);
}

export function turnOf(row: TurnRow): Turn {
  return {
    seq: row.seq,
    id: row.id,
    conversationId: row.conversation_id,
    sessionId: row.session_id,
    userId: row.user_id,
    clientId: row.client_id === null ? undefined : JSON.parse(row.client_id),
    replaces: row.replaces ?? undefined,
    status: row.status,
    attempt: row.attempt,
    crashes: row.attempt - row.released - (row.status === "running" ? 1 : 0),
    isSuperseded: row.superseded,
    acceptedAt: row.accepted_at,
    ...(row.attachments !== null && { attachments: JSON.parse(row.attachments) }),
    request: JSON.parse(row.request),
    outcome: row.outcome === null ? undefined : JSON.parse(row.outcome),
    wasSent: row.delivery > 0,
    ...(row.stop_requested && { isStopRequested: true }),
  };
}

/** The client's message id as JSON: text cannot contain NUL and lone surrogates. */
export function keyOf(clientId: string): string {
  return JSON.stringify(clientId);
}
