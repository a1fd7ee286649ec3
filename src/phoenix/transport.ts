import type { Encoded } from "./wire/serializer.ts";

/**
 * Why the server closes a socket: a disconnect, silence or bad framing, an undecodable frame, a restart, a slow reader.
 * Never 1000: phoenix.js 1.6 to 1.8.15 would stay away for good.
 */
export type CloseCode = 1001 | 1002 | 1011 | 1012 | 1013;

/** What carries a socket: a WebSocket, or a long poll session. */
export interface Transport {
  readonly takesBytes: boolean;
  /** On a WebSocket a heartbeat shows that the client read the answer to the one before; on long poll a poll does. */
  readonly heartbeatsAcknowledge: boolean;
  /** Sent, but not yet taken by the network. */
  readonly bufferedBytes: number;
  send(data: Encoded): void;
  /** The socket learns through `gone` that nothing is left of the connection. */
  close(code: CloseCode, reason: string): void;
  terminate(): void;
  /** True when the client was not heard for too long. */
  silent(now: number): boolean;
}
