// What the protocol layer and a channel promise each other. The layer knows nothing else of the application.
import type { PushPayload } from "./wire/serializer.ts";

/** `status` is any word (Phoenix clients listen to `ok` and `error`); `response` any JSON value, or bytes. */
export interface Reply {
  status: string;
  response: unknown;
}

/** One membership: this socket on this topic, from one successful join to its end. */
export interface Member<Assigns> {
  readonly topic: string;
  /** What `connect` attached to the socket. */
  readonly assigns: Assigns;
  /**
   * Sends an event to this member alone. `acknowledged` runs once the client has shown that it read the frame
   * (a heartbeat after the next heartbeat's reply, or on long poll the next GET); never when the socket ends before.
   */
  push(event: string, payload: PushPayload, acknowledged?: () => void): void;
  /** Ends the channel normally: `phx_close`. */
  stop(): void;
  /** Ends the channel as crashed: `phx_error`; the client joins again. */
  crash(): void;
  /** True while the client reads more slowly than it is sent to: hold back what can be merged or left out. */
  readonly congested: boolean;
  /** Runs `resume` once, as soon as the member is not congested any more. */
  whenWritable(resume: () => void): void;
}

/** A pushed message. A handler that answers later keeps `reply` and returns undefined; the first reply counts. */
export interface Message {
  event: string;
  /** Any JSON value, or bytes when the client sent a binary frame. */
  payload: unknown;
  reply(reply: Reply): void;
}

export type LeaveReason = "left" | "replaced" | "stopped" | "crashed" | "closed";

/** Why the layer itself refused a message: its channel's queue is full, it nests too deeply, its event is no string. */
export interface Refusal {
  reason: "busy" | "invalid_payload" | "unknown_event";
  message: string;
}

/** A channel's side of one membership. */
export interface Joined {
  /** The join's reply. */
  response?: unknown;
  /** Runs right after the join's reply went out, before any message of the client is handled. */
  afterJoin?(): void;
  /** Messages of one member are handled one at a time, in order. A throw crashes this channel, not the socket. */
  handle(message: Message): Reply | undefined | Promise<Reply | undefined>;
  /** A message did not get here; its `error` reply is out. */
  refused?(refusal: Refusal): void;
  /** Runs once, however the membership ends. */
  left?(reason: LeaveReason): void;
  /** True while the member waits for something worth keeping its socket open for while the server drains. */
  busy?(): boolean;
}

/** Throw it in a join to deny it: the client gets `response` with status `error`. */
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

/** Topic patterns, exact or with one trailing `*`, to channels; the first match wins. */
export type Routes<Assigns> = Record<string, Channel<Assigns>>;

/** What is known of a client at the handshake. */
export interface ConnectAttempt {
  /** The decoded query string, nested as Phoenix decodes it (`a[b]=1`), null-prototype objects. */
  params: Record<string, unknown>;
  /** From the subprotocol (WebSocket) or the `X-Phoenix-AuthToken` header (long poll). */
  authToken?: string;
  /** The client's IP address. */
  address: string;
  transport: "websocket" | "longpoll";
}

/** `id` groups sockets for `disconnect`; at `until`, in ms since 1970, the socket is closed. A refusal's status is the HTTP status of the handshake (403, 429, 503). */
export type ConnectResult<Assigns> =
  | { assigns: Assigns; id?: string; until?: number }
  | { refused: number; headers?: Record<string, string> };

export type Connect<Assigns> = (attempt: ConnectAttempt) => ConnectResult<Assigns> | Promise<ConnectResult<Assigns>>;
