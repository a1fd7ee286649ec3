import type { Socket } from "phoenix";

import { ConversationError, type ConversationErrorCode } from "./error.ts";

/** The body of a refusal. */
interface Explanation {
  reason?: ConversationErrorCode;
  message?: string;
}

type Endpoint = Socket & { authToken?: () => string };

/** How long an answer is reused. phoenix.js keeps trying to connect. */
const validMs = 5_000;

const answers = new WeakMap<Socket, { at: number; refusal: Promise<ConversationError | undefined> }>();

/**
 * Why the server refuses connections. A page cannot read the response to a failed WebSocket handshake, but it can fetch the
 * same address over HTTP. Undefined if the server gives no reason.
 */
export function handshakeRefusal(socket: Endpoint): Promise<ConversationError | undefined> {
  const known = answers.get(socket);
  if (known && Date.now() - known.at < validMs) return known.refusal;
  const refusal = ask(socket);
  answers.set(socket, { at: Date.now(), refusal });
  return refusal;
}

async function ask(socket: Endpoint): Promise<ConversationError | undefined> {
  const url = new URL(socket.endPointURL().replace(/^ws/, "http"));
  const token = socket.authToken?.();
  const headers: HeadersInit = token ? { "x-phoenix-authtoken": token } : {}; // keeps tokens out of URLs
  try {
    // A same-origin GET has no Origin header, so the server needs the Referer.
    const reply = await fetch(url, { headers, cache: "no-store", credentials: "omit", referrerPolicy: "origin" });
    const { reason, message }: Explanation = await reply.json();
    return reason && message ? new ConversationError(reason, message) : undefined;
  } catch {
    return undefined; // the server cannot be reached, or gives no reason
  }
}
