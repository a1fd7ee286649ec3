import type { TurnRow as Row } from "../turn-row.ts";

/** A row of the table `turns`. */
export interface TurnRow extends Row {
  ended_epoch: number | null;
}

/** Written as in the partial index `turns_open`. */
export const isOpen = "status IN ('queued', 'running', 'waiting')";

/** What `turnOf` needs. */
export const turnColumns =
  "seq, id, conversation_id, session_id, user_id, client_id, replaces, superseded, status, attempt, released, accepted_at, request, attachments, outcome, ended, ended_epoch, delivery, stop_requested";
