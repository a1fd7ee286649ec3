/** What one client may cost. Milliseconds, bytes and counts. */
export interface SocketLimits {
  /** Without any byte from the client for so long, a socket is closed. */
  idleMs: number;
  /** The largest frame a client may send. */
  frameBytes: number;
  /** How deeply a payload may nest. */
  payloadDepth: number;
  /** Channels of one socket, joins under way included. */
  channels: number;
  /** Messages of one channel that wait while it handles another. */
  pendingMessages: number;
  /** A socket with more unsent bytes than this is congested. */
  congestedBytes: number;
  /** A socket that would have more unsent bytes than this is closed. */
  backlogBytes: number;
  /** Pushes of one socket whose acknowledgement is awaited. */
  acknowledgements: number;
  /** How long a closing socket may take to read what was sent to it. */
  closeMs: number;
  /** How long a poll waits for messages; a session ends when it was not polled for one and a half of these. */
  longPollWindowMs: number;
  /** Frames of one POST that are read; the rest is ignored. */
  batchLines: number;
  /** Long poll sessions open at a time. */
  longPollSessions: number;
}

export const DEFAULT_LIMITS: Readonly<SocketLimits> = {
  idleMs: 75_000,
  frameBytes: 64 * 1024,
  payloadDepth: 32,
  channels: 100,
  pendingMessages: 100,
  congestedBytes: 64 * 1024,
  backlogBytes: 1024 * 1024,
  acknowledgements: 1000,
  closeMs: 2000,
  longPollWindowMs: 10_000,
  batchLines: 100,
  longPollSessions: 10_000,
};
