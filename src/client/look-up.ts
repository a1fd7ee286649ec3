import { ConversationError } from "./error.ts";
import type { intake } from "./intake.ts";
import type { Replies, ServerEvents } from "./protocol.ts";

type PastTurn = Replies["get_history"]["turns"][number];

/** What the history keeps of a turn is what its end said; `error` stands there where it failed. */
interface PastMetadata {
  error?: Pick<ServerEvents["error"], "message"> & ServerEvents["error"]["details"];
}

/**
 * A message that was accepted earlier may belong to a turn that is over, and sends nothing more: then the history tells its end.
 * Rejects when the turn has left the history.
 */
export async function lookUp(
  turnId: string,
  history: () => Promise<Replies["get_history"]>,
  into: ReturnType<typeof intake>,
): Promise<void> {
  const { turns } = await history();
  const found = turns.find(({ turn_id }) => turn_id === turnId);
  if (!found) throw new ConversationError("not_found", "This turn is not in the conversation any more.");
  if (found.status === "completed" || found.status === "stopped") into.answered(responseOf(found));
  if (found.status === "failed") into.failed(errorOf(found));
}

function responseOf({ status: _status, metadata, ...turn }: PastTurn): ServerEvents["response"] {
  // The response's own, kept as it was.
  return { ...turn, metadata: metadata as ServerEvents["response"]["metadata"] };
}

function errorOf({ turn_id, metadata }: PastTurn): ServerEvents["error"] & { turn_id: string } {
  const { error = { code: "internal", message: "This turn has failed." } }: PastMetadata = metadata;
  return { turn_id, message: error.message, details: error };
}
