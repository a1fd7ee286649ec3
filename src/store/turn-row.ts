import type { Turn, TurnStatus } from "./turns.ts";

/** A row of the table `turns`. SQLite has 0 and 1 for booleans. */
export interface TurnRow {
  seq: number;
  id: string;
  conversation_id: string;
  session_id: string;
  user_id: string;
  client_id: string | null;
  replaces: string | null;
  superseded: boolean | number;
  status: TurnStatus;
  attempt: number;
  released: number;
  accepted_at: string;
  request: string;
  attachments: string | null;
  outcome: string | null;
  ended: number | null;
  delivery: number;
  stop_requested: boolean | number;
}

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
    isSuperseded: Boolean(row.superseded),
    acceptedAt: row.accepted_at,
    ...(row.attachments !== null && { attachments: JSON.parse(row.attachments) }),
    request: JSON.parse(row.request),
    outcome: row.outcome === null ? undefined : JSON.parse(row.outcome),
    wasSent: row.delivery > 0,
    ...(Boolean(row.stop_requested) && { isStopRequested: true }),
  };
}

/** The client's message id as JSON: text in a database cannot tell lone surrogates apart, or contain NUL. */
export function keyOf(clientId: string): string {
  return JSON.stringify(clientId);
}
