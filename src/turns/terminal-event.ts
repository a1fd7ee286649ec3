import type { Outcome, Turn } from "../store/turns.ts";

/** The event that ends a turn for clients. */
export interface TerminalEvent {
  event: "response" | "error";
  payload: { turn_id: string; [key: string]: unknown };
}

export function terminalEvent(
  { id, request, attachments }: Pick<Turn, "id" | "request" | "attachments">,
  outcome: Outcome,
): TerminalEvent {
  const { status, response, conversationType, routedTo, timestamp, metadata } = outcome;
  const files = attachments && { attachments };
  if (status === "failed") {
    const { message, ...details } = Object(metadata.error);
    return { event: "error", payload: { turn_id: id, ...files, message, details } };
  }
  const payload = {
    turn_id: id,
    query: request.query,
    ...files,
    response,
    conversation_type: conversationType,
    routed_to: routedTo,
    timestamp,
    metadata,
  };
  return { event: "response", payload };
}
