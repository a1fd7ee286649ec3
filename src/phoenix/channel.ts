// The contract between the protocol layer and a channel: all that the layer knows of the application.
import type { PushPayload } from "./wire/serializer.ts";

/** `status` is any string (Phoenix clients handle `ok` and `error`); `response` is any JSON value, or bytes. */
export interface Reply {
  status: string;
  response: unknown;
}

/** One membership: this socket on this topic, from a successful join until it ends. */
export interface Member<Assigns> {
  readonly topic: string;
  /** What `connect` attached to the socket. */
  readonly assigns: Assigns;
  /**
   * Sends an event to this member only. `acknowledged` runs once the client is known to have read the frame: on the
   * second heartbeat after the push, or on the next GET over long poll. It does not run if the socket closes first.
   */
  push(event: string, payload: PushPayload, acknowledged?: () => void): void;
  /** Like `push`, for an event that other members of the topic get too: the same payload object is encoded once for all of them. */
  share(event: string, payload: PushPayload): void;
  /** Ends the channel normally: `phx_close`. */
  stop(): void;
  /** Ends the channel as crashed: `phx_error`. The client rejoins. */
  crash(): void;
  /** True while the client reads too slowly. Hold back events that can be merged or skipped. */
  readonly congested: boolean;
  /** Runs `resume` once, as soon as the member is no longer congested. */
  whenWritable(resume: () => void): void;
}

/** A message from the client. To reply later, keep `reply` and return undefined; only the first reply is sent. */
export interface Message {
  event: string;
  /** Any JSON value, or bytes when the client sent a binary frame. */
  payload: unknown;
  reply(reply: Reply): void;
}

export type LeaveReason = "left" | "replaced" | "stopped" | "crashed" | "closed";

/** A message that the layer refused: the channel's queue is full, the payload nests too deeply or the event is not a string. */
export interface Refusal {
  reason: "busy" | "invalid_payload" | "unknown_event";
  message: string;
}

/** What a channel returns from `join`: its handlers for one membership. */
export interface Joined {
  /** Sent in the join's `ok` reply. */
  response?: unknown;
  /** Runs right after the join's reply is sent, before any message is handled. */
  afterJoin?(): void;
  /** Messages of one member are handled one at a time, in order. A throw crashes this channel, not the socket. */
  handle(message: Message): Reply | undefined | Promise<Reply | undefined>;
  /** Runs when the layer refused a message; its `error` reply has been sent. */
  refused?(refusal: Refusal): void;
  /** Runs exactly once when the membership ends, whatever the reason. */
  left?(reason: LeaveReason): void;
  /** True while the member waits for work to finish; a draining server then keeps its socket open. */
  busy?(): boolean;
}

/** Throw this in a `join` to deny it. The client gets an `error` reply with `response`. */
export class JoinRefused extends Error {
  readonly response: object;
  constructor(response: { reason: string } & Record<string, unknown>) {
    super(response.reason);
    this.name = "JoinRefused";
    this.response = response;
  }
}

export interface Channel<Assigns> {
  join(payload: unknown, member: Member<Assigns>): Joined | Promise<Joined>;
}

/** Maps topic patterns to channels. A pattern is an exact topic or a prefix with a trailing `*`; the first match wins. */
export type Routes<Assigns> = Record<string, Channel<Assigns>>;

/** What is known about a client at the handshake. */
export interface ConnectAttempt {
  /** The decoded query string, nested like in Phoenix (`a[b]=1`). Objects have a null prototype. */
  params: Record<string, unknown>;
  /** From the subprotocol (WebSocket) or the `X-Phoenix-AuthToken` header (long poll). */
  authToken?: string;
  /** The client's IP address. */
  address: string;
  transport: "websocket" | "longpoll";
}

/**
 * `id` groups sockets for `disconnect`. The socket closes at `until` (ms since the epoch), and soon after `isRevoked` returns true.
 */
export type ConnectResult<Assigns> =
  | { assigns: Assigns; id?: string; until?: number; isRevoked?: () => boolean }
  | HandshakeRefusal;

/** `refused` is the HTTP status of the handshake: 403, 429 or 503. Without an explanation the body is empty, as in Phoenix. */
export interface HandshakeRefusal {
  refused: number;
  headers?: Record<string, string>;
  explanation?: Explanation;
}

/** What a client may know of a refusal. Everybody can read it. */
export interface Explanation {
  reason: string;
  message: string;
  details?: Record<string, unknown>;
}

/** Decides by the address alone. Undefined if the client may go on to `connect`. */
export type Admit = (address: string) => Promise<HandshakeRefusal | undefined>;

export type Connect<Assigns> = (attempt: ConnectAttempt) => ConnectResult<Assigns> | Promise<ConnectResult<Assigns>>;
