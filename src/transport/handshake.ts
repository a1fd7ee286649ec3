import type { IncomingMessage } from "node:http";
import type { Admit, Connect, ConnectAttempt, HandshakeRefusal } from "../phoenix/channel.ts";
import type { Log } from "../phoenix/log.ts";
import type { Identity } from "../phoenix/socket.ts";
import type { Serializer } from "../phoenix/wire/serializer.ts";
import { serializerV1 } from "../phoenix/wire/serializer-v1.ts";
import { serializerV2 } from "../phoenix/wire/serializer-v2.ts";
import type { OriginCheck } from "./origin.ts";
import { decodeQuery } from "./query.ts";
import { drainingRefusal, originRefusal } from "./refusals.ts";

/** Tells clients from the proxies that forward them. */
export interface Clients {
  /** The client's address, as the limits count it. */
  addressOf(request: IncomingMessage): string;
  /** Whether the request came through a proxy that is trusted. */
  isProxied(request: IncomingMessage): boolean;
}

export interface HandshakeOptions<Assigns> {
  connect: Connect<Assigns>;
  clients: Clients;
  /** Asked before anything of the request is decoded. */
  admit: Admit;
  originAllowed: OriginCheck;
  log: Log;
  draining(): boolean;
}

export type Handshake<Assigns> = { identity: Identity<Assigns>; serializer: Serializer } | HandshakeRefusal;

/** Decides if a client may open a socket. Checks in Phoenix's order: origin, protocol version, `connect`; before the last two, the address. Never rejects. */
export async function handshake<Assigns>(
  options: HandshakeOptions<Assigns>,
  request: IncomingMessage,
  transport: ConnectAttempt["transport"],
  authToken: string | undefined,
): Promise<Handshake<Assigns>> {
  if (options.draining()) return drainingRefusal;
  const foreign = refusedOrigin(options, request);
  if (foreign) return foreign;
  const address = options.clients.addressOf(request);
  try {
    const denied = await options.admit(address);
    if (denied) return denied;
    const params = decodeQuery(queryOf(request));
    if (!params) return { refused: 400 };
    const serializer = serializerFor(params.vsn);
    if (!serializer) return { refused: 403 };
    // On long poll, `token` is the session token, not a JWT.
    if (transport === "longpoll") delete params.token;
    const result = await options.connect({ params, authToken, address, transport });
    if (options.draining()) return drainingRefusal;
    return "refused" in result ? result : { identity: result, serializer };
  } catch (error) {
    options.log.error({ err: error }, "connect() crashed");
    return { refused: 500 };
  }
}

/** Checks the origin, and logs a refusal. Undefined if the origin is allowed. */
export function refusedOrigin<Assigns>(
  { originAllowed, clients, log }: HandshakeOptions<Assigns>,
  request: IncomingMessage,
): HandshakeRefusal | undefined {
  if (originAllowed(request.headers, clients.isProxied(request))) return undefined;
  const { origin, host } = request.headers;
  log.warn({ reason: "origin", origin, host, setting: "ALLOWED_ORIGINS" }, "handshake refused");
  return originRefusal(origin);
}

export function queryOf(request: IncomingMessage): string {
  const url = request.url ?? "";
  const mark = url.indexOf("?");
  return mark === -1 ? "" : url.slice(mark + 1);
}

function serializerFor(vsn: unknown): Serializer | undefined {
  if (vsn === undefined) return serializerV1;
  if (typeof vsn !== "string") return undefined;
  if (/^2\.0\.\d+$/.test(vsn)) return serializerV2;
  return /^1\.0\.\d+$/.test(vsn) ? serializerV1 : undefined;
}
