import type { IncomingMessage } from "node:http";

const PREFIX = "base64url.bearer.phx.";

export type Offer = { protocol?: "phoenix"; authToken?: string } | "refused";

/** phoenix.js sends its `authToken` as one of the subprotocols. Two tokens count as none; a malformed one is refused. */
export function readSubprotocols(header: string | undefined): Offer {
  const offered = header?.split(",").map((protocol) => protocol.trim()) ?? [];
  const protocols = offered.filter((protocol) => !protocol.startsWith(PREFIX));
  const tokens = offered.filter((protocol) => protocol.startsWith(PREFIX));
  if (protocols.length > 0 && !protocols.includes("phoenix")) return "refused";
  const offer = protocols.length > 0 ? { protocol: "phoenix" as const } : {};
  const [token] = tokens;
  if (token === undefined || tokens.length > 1) return offer;
  const encoded = token.slice(PREFIX.length);
  // phoenix.js calls it base64url but encodes with btoa, so both alphabets are accepted.
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(encoded) || encoded.replace(/=+$/, "").length % 4 === 1) return "refused";
  return { ...offer, authToken: Buffer.from(encoded, "base64").toString("latin1") };
}

/** The `authToken` of a request that has no subprotocols. */
export function authTokenHeader({ headers }: IncomingMessage): string | undefined {
  const token = headers["x-phoenix-authtoken"];
  return typeof token === "string" ? token : undefined;
}
