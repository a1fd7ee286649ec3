/** Limits per client, socket or channel. Names ending in `Ms` are milliseconds, in `Bytes` bytes; the rest are counts. */
export interface SocketLimits {
  /** A socket is closed after this long without a byte from the client. */
  idleMs: number;
  /** The largest frame a client may send. */
  frameBytes: number;
  /** The deepest nesting that a payload may have. */
  payloadDepth: number;
  /** The longest topic and the longest ref of a join, since they are kept. */
  keptUnits: number;
  /** Channels per socket, including pending joins. */
  channels: number;
  /** Messages that may wait in one channel while it handles another. */
  pendingMessages: number;
  /** Bytes that may wait in all channels of a socket, the frames in hand included. */
  waitingBytes: number;
  /** Bytes that all sockets of a user may have waiting, and as many unsent. */
  userBytes: number;
  /** Bytes that are read of all sockets of a user, where each frame counts for `frameCostBytes` more. Beyond it, they are read more slowly. */
  userBytesPerSecond: number;
  frameCostBytes: number;
  /** A socket with more unsent bytes than this is congested. */
  congestedBytes: number;
  /** A socket is closed when its unsent bytes would exceed this. */
  backlogBytes: number;
  /** Pushes per socket that may await acknowledgement. */
  acknowledgements: number;
  /** How long a closing client may take to finish the close handshake. */
  closeMs: number;
  /** How long a poll waits for messages. A session ends after 1.5 times this long without a poll. */
  longPollWindowMs: number;
  /** Frames read from one POST; the rest are ignored. */
  batchLines: number;
  /** The largest POST. */
  batchBytes: number;
  /** Long poll sessions open at the same time. */
  longPollSessions: number;
}

export const DEFAULT_LIMITS: Readonly<SocketLimits> = {
  idleMs: 75_000,
  frameBytes: 1024 * 1024,
  payloadDepth: 32,
  keptUnits: 1024,
  channels: 100,
  pendingMessages: 100,
  waitingBytes: 1024 * 1024,
  userBytes: 8 * 1024 * 1024,
  userBytesPerSecond: 1024 * 1024,
  frameCostBytes: 256,
  congestedBytes: 64 * 1024,
  backlogBytes: 1024 * 1024,
  acknowledgements: 1000,
  closeMs: 2000,
  longPollWindowMs: 10_000,
  batchLines: 100,
  batchBytes: 2 * 1024 * 1024,
  longPollSessions: 10_000,
};
