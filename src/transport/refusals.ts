import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

import type { HandshakeRefusal } from "../phoenix/channel.ts";

/** Longer than any real origin. */
const originChars = 300;

export const drainingRefusal: HandshakeRefusal = {
  refused: 503,
  headers: { "retry-after": "1" },
  explanation: { reason: "draining", message: "The server is about to restart." },
};

/** Names the page's origin as a URL parser writes it, so that the answer repeats nothing else from the header. */
export function originRefusal(origin: string | undefined): HandshakeRefusal {
  const url = URL.parse(origin ?? "");
  const page = url?.hostname ? `${url.protocol}//${url.host}`.slice(0, originChars) : undefined;
  const message = page
    ? `Pages of ${page} may not connect to this server. Add it to ALLOWED_ORIGINS in the server's settings.`
    : "A page without an origin, such as a file or a sandboxed frame, may not connect to this server. Serve it over HTTP, and add its address to ALLOWED_ORIGINS in the server's settings.";
  return { refused: 403, explanation: { reason: "origin_not_allowed", message } };
}

/** A refusal's headers and body. Pages of any origin may read them, since a refused page has to learn why. */
export function refusalAnswer({ headers, explanation }: HandshakeRefusal): {
  headers: Record<string, string>;
  body: string;
} {
  const open = { "access-control-allow-origin": "*", "cache-control": "no-store", ...headers };
  if (!explanation) return { headers: open, body: "" };
  const type = { "content-type": "application/json; charset=utf-8", "x-content-type-options": "nosniff" };
  return { headers: { ...open, ...type }, body: JSON.stringify(explanation) };
}

/** Answers an upgrade with a plain HTTP response and closes the connection. */
export function refuse(connection: Duplex, refusal: HandshakeRefusal): void {
  connection.on("error", () => connection.destroy());
  const { headers, body } = refusalAnswer(refusal);
  const lines = Object.entries({ connection: "close", "content-length": String(Buffer.byteLength(body)), ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const status = `${refusal.refused} ${STATUS_CODES[refusal.refused] ?? ""}`;
  connection.end(`HTTP/1.1 ${status}\r\n${head}\r\n${body}`, () => connection.destroy());
}
