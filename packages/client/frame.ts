import { ConversationError } from "./error.ts";
import { limits } from "./protocol.ts";

/** Room for the topic, the event and the refs, which share the frame with the payload. */
const envelopeBytes = 1_024;

/** A payload's length in a frame. */
export function bytesOf(payload: object): number {
  return new TextEncoder().encode(JSON.stringify(payload)).length;
}

/** The refusal of a payload that does not fit into a frame. The server would close the socket, with all its conversations. */
export function refusalOf(event: string, bytes: number): ConversationError | undefined {
  const limit = limits.frameBytes - envelopeBytes;
  if (bytes <= limit) return undefined;
  const isText = event === "message" || event === "edit";
  return new ConversationError(
    isText ? "content_too_long" : "invalid_payload",
    `This is too long to send: it has ${bytes} bytes, and the limit is ${limit}.`,
    { limit_bytes: limit, bytes },
  );
}
