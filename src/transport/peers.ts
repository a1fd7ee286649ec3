import type { PollAnswer } from "./longpoll-session.ts";

/** A request for a session of another node. The body is in Base64. */
export type SessionRequest =
  | { type: "poll"; token: string }
  | { type: "post"; token: string; contentType: string; body: string };

/** Null if there is no such session. */
export type SessionReply = PollAnswer | null;

export interface SessionOwner {
  node: string;
  /** Tells that node's users apart. */
  user: string;
}

/** What another node replied. */
export interface Forwarded {
  reply: SessionReply;
  /** Call it once: whether the reply has reached the client. */
  done(isTaken: boolean): void;
}

export interface ServedSession {
  reply: SessionReply;
  /** Called once: whether the reply has reached the client, as far as is known. */
  done?: (isTaken: boolean) => void;
}

/** The other nodes of a cluster: a poll may reach any of them. */
export interface Peers {
  /** False if the others can not be reached for the moment. */
  readonly isConnected: boolean;
  /** A new token, which names this node. Nobody else can make it. */
  tokenFor(userId: string | undefined): string;
  /** The other node that made a token. Undefined if none did that is alive. */
  ownerOf(token: string): SessionOwner | undefined;
  /** Undefined if the node is gone, or does not reply in time. An abort lets it reply at once with what it has. Never rejects. */
  forward(
    node: string,
    request: SessionRequest,
    options: { timeoutMs: number; signal: AbortSignal },
  ): Promise<Forwarded | undefined>;
  /** Replies to what other nodes forward. */
  serve(handler: (request: SessionRequest, signal: AbortSignal) => Promise<ServedSession>): void;
}
