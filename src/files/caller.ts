import type { IncomingMessage } from "node:http";

import type { connection } from "../auth/connection.ts";
import type { Principal } from "../auth/principal.ts";
import { FileRefused } from "./refused.ts";

/** Whose request this is. Throws `FileRefused` if that is not known. */
export type CallerOf = (request: IncomingMessage) => Promise<string>;

const userName = /^.{1,128}$/su;

/**
 * The user of a request, by `Authorization: Bearer` with an API key or a JWT. A trusted back end names the user in `X-User-Id`. Wrong keys
 * count as those of handshakes do.
 */
export function callers({ connect, clients, admit }: ReturnType<typeof connection>): CallerOf {
  return async (request) => {
    const authToken = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
    if (authToken === undefined) throw unauthorized("Send an API key or a JWT: `Authorization: Bearer …`.");
    const address = clients.addressOf(request);
    const result = await connect({ params: {}, authToken, address, transport: "websocket" });
    if (!("refused" in result)) return userOf(request, result.assigns);
    await admit(address); // a refused handshake gives back what it has counted before
    if (result.refused !== 429) throw unauthorized("The key or token is wrong or expired. The server's log says more.");
    const retryAfterMs = Number(result.headers?.["retry-after"] ?? 60) * 1000;
    throw new FileRefused("rate_limited", "Too many wrong keys from this address.", { retryAfterMs });
  };
}

function userOf({ headers }: IncomingMessage, { userId, mayNameUser }: Principal): string {
  const given = headers["x-user-id"];
  if (given === undefined) return userId;
  const named = Buffer.from(String(given), "latin1").toString("utf8"); // headers are bytes: Node takes them for Latin-1
  if (named === userId) return userId;
  if (mayNameUser && userName.test(named)) return named;
  throw new FileRefused("not_allowed", "The key or token belongs to another user than `X-User-Id` names.");
}

function unauthorized(message: string): FileRefused {
  return new FileRefused("unauthorized", message);
}
