import { ConversationError } from "./error.ts";
import type { intake } from "./intake.ts";
import type { ClientEvents, Replies, ServerEvents } from "./protocol.ts";
import type { TurnStatus } from "./store/state.ts";

export type PastTurn = Replies["get_history"]["turns"][number];
type History = (page: ClientEvents["get_history"]) => Promise<Replies["get_history"]>;

/** The history keeps the metadata of a turn's response, or `error` if the turn failed. */
interface PastMetadata {
  error?: Pick<ServerEvents["error"], "message"> & ServerEvents["error"]["details"];
}

/**
 * Looks a turn up in the history and passes its outcome on if it has ended: an ended turn sends no more events.
 * Rejects with `not_found` if the turn is no longer in the history.
 */
export async function lookUp(turnId: string, history: History, into: ReturnType<typeof intake>): Promise<void> {
  const found = await find(turnId, history);
  if (found.status === "failed") into.failed(errorOf(found), true);
  else if (isOver(found)) into.answered(responseOf(found), true);
}

/** Whether a turn has ended. */
export function isOver({ status }: { status: TurnStatus }): boolean {
  return status === "completed" || status === "stopped" || status === "failed";
}

async function find(turnId: string, history: History): Promise<PastTurn> {
  let before: string | undefined;
  while (true) {
    const { turns, has_more } = await history({ limit: 200, before });
    const found = turns.find(({ turn_id }) => turn_id === turnId);
    if (found) return found;
    before = turns[0]?.turn_id;
    if (!has_more || before === undefined) {
      throw new ConversationError("not_found", "This turn is no longer in the conversation.");
    }
  }
}

export function responseOf({
  status: _status,
  reasoning: _reasoning,
  metadata,
  ...turn
}: PastTurn): ServerEvents["response"] {
  // The history stores the response's metadata unchanged.
  return { ...turn, metadata: metadata as ServerEvents["response"]["metadata"] };
}

export function errorOf({ turn_id, metadata }: PastTurn): ServerEvents["error"] & { turn_id: string } {
  const { error = { code: "internal", message: "This turn failed." } }: PastMetadata = metadata;
  const { message, ...details } = error;
  return { turn_id, message, details };
}
