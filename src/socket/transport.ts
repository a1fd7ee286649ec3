import type { Encoded } from "./serializer.ts";

/** What carries a socket: a WebSocket, or a long poll session. */
export interface Transport {
  readonly takesBytes: boolean;
  /** On a WebSocket a heartbeat shows that the client read the answer to the one before; on long poll a poll does. */
  readonly heartbeatsAcknowledge: boolean;
  /** Sent, but not yet taken by the network. */
  readonly bufferedBytes: number;
  send(data: Encoded): void;
  /** The socket learns through `gone` that nothing is left of the connection. */
  close(code: number, reason: string): void;
  terminate(): void;
  /** True when the client was not heard for too long. */
  silent(now: number): boolean;
}
