import type { Socket } from "../phoenix/socket.ts";

const LONGEST_SWEEP_MS = 5000;
const SHORTEST_SWEEP_MS = 10;

/** Every socket there is, whatever it runs over, and the one clock that ends those which fell silent or whose time is up. */
export class Registry<Assigns> {
  readonly #sockets = new Set<Socket<Assigns>>();
  readonly #byId = new Map<string, Set<Socket<Assigns>>>();
  readonly #sweepMs: number;
  #sweep: NodeJS.Timeout | undefined;
  #empty: (() => void)[] = [];

  /** `silenceMs` is the shortest silence that ends a socket. */
  constructor(silenceMs: number) {
    this.#sweepMs = Math.min(Math.max(silenceMs / 10, SHORTEST_SWEEP_MS), LONGEST_SWEEP_MS);
  }

  get size(): number {
    return this.#sockets.size;
  }

  all(): Socket<Assigns>[] {
    return [...this.#sockets];
  }

  /** The most bytes that wait for one client to read them. */
  longestBacklog(): number {
    let longest = 0;
    for (const { transport } of this.#sockets) longest = Math.max(longest, transport.bufferedBytes);
    return longest;
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

  /** Resolves when no socket is left. */
  emptied(): Promise<void> {
    if (this.#sockets.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#empty.push(resolve);
    });
  }

  #closeOverdue(): void {
    const now = Date.now();
    for (const socket of this.#sockets) {
      if (socket.transport.silent(now)) socket.close(1002, "idle timeout");
      else if (socket.until !== undefined && socket.until <= now) socket.close(1001, "expired");
    }
  }
}
