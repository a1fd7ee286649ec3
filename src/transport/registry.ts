import type { Socket } from "../phoenix/socket.ts";

const MAX_SWEEP_MS = 5000;
const MIN_SWEEP_MS = 10;

/** All open sockets, and the timer that closes idle, expired and revoked ones. */
export class Registry<Assigns> {
  readonly #sockets = new Set<Socket<Assigns>>();
  readonly #byId = new Map<string, Set<Socket<Assigns>>>();
  readonly #sweepMs: number;
  #sweep: NodeJS.Timeout | undefined;
  #empty: (() => void)[] = [];

  /** `idleMs` is the shortest idle timeout of any transport. */
  constructor(idleMs: number) {
    this.#sweepMs = Math.min(Math.max(idleMs / 10, MIN_SWEEP_MS), MAX_SWEEP_MS);
  }

  get size(): number {
    return this.#sockets.size;
  }

  all(): Socket<Assigns>[] {
    return [...this.#sockets];
  }

  /** The largest number of unsent bytes of any socket. */
  longestBacklog(): number {
    let longest = 0;
    for (const { transport } of this.#sockets) longest = Math.max(longest, transport.bufferedBytes);
    return longest;
  }

  /** The unsent bytes of all sockets. */
  unsentBytes(): number {
    let sum = 0;
    for (const { transport } of this.#sockets) sum += transport.bufferedBytes;
    return sum;
  }

  add(socket: Socket<Assigns>): void {
    this.#sockets.add(socket);
    this.#sweep ??= setInterval(() => this.#closeOverdue(), this.#sweepMs);
    if (socket.id === undefined) return;
    const same = this.#byId.get(socket.id);
    if (same) same.add(socket);
    else this.#byId.set(socket.id, new Set([socket]));
  }

  remove(socket: Socket<Assigns>): void {
    this.#sockets.delete(socket);
    if (socket.id !== undefined) {
      const same = this.#byId.get(socket.id);
      same?.delete(socket);
      if (same?.size === 0) this.#byId.delete(socket.id);
    }
    if (this.#sockets.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
    for (const resolve of this.#empty.splice(0)) resolve();
  }

  disconnect(id: string): void {
    for (const socket of [...(this.#byId.get(id) ?? [])]) socket.close(1001, "disconnected");
  }

  /** Resolves when no socket is open. */
  emptied(): Promise<void> {
    if (this.#sockets.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#empty.push(resolve);
    });
  }

  #closeOverdue(): void {
    const now = performance.now();
    for (const socket of this.#sockets) {
      if (socket.transport.isIdle(now)) socket.close(1002, "idle timeout");
      else if (socket.until !== undefined && socket.until <= now) socket.close(1001, "expired");
      else if (socket.isRevoked?.()) socket.close(1008, "API key revoked");
    }
  }
}
