import type { Encoded } from "./wire/serializer.ts";

/**
 * Why the server closes a socket. 1001: disconnected or expired; 1002: idle or bad framing; 1008: its key was revoked; 1009: frame too large;
 * 1011: undecodable frame; 1012: restart; 1013: slow consumer. Never 1000: phoenix.js 1.6 to 1.8.15 would not reconnect.
 */
export type CloseCode = 1001 | 1002 | 1008 | 1009 | 1011 | 1012 | 1013;

/** The connection under a socket: a WebSocket or a long poll session. */
export interface Transport {
  readonly supportsBinary: boolean;
  /** True on WebSocket: a heartbeat proves that the client read the previous heartbeat's reply. On long poll, a poll proves it. */
  readonly heartbeatsAcknowledge: boolean;
  /** Bytes sent that the network has not accepted yet. */
  readonly bufferedBytes: number;
  send(data: Encoded): void;
  /** Starts closing. `Socket.gone()` is called once the connection is closed. */
  close(code: CloseCode, reason: string): void;
  terminate(): void;
  /** True when the client has been silent for too long. */
  isIdle(now: number): boolean;
}
