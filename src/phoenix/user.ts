import type { Transport } from "./transport.ts";

interface UserLimits {
  readonly userBytes: number;
  readonly userBytesPerSecond: number;
}

/** How much may be read at once after a quiet time, in seconds' worth. */
const burstSeconds = 4;

/** What all sockets with one `id` hold in memory and send, so that a user with many sockets is bounded too. */
export class User {
  readonly #transports = new Set<Transport>();
  readonly #limit: number;
  readonly #perSecond: number;
  /** Bytes that may be read before reading has to pause. */
  #credit: number;
  #creditedAt = performance.now();
  #received = 0;
  /** At least what is unsent: it is measured again when it reaches the limit. */
  #unsent = 0;

  constructor({ userBytes, userBytesPerSecond }: UserLimits) {
    this.#limit = userBytes;
    this.#perSecond = userBytesPerSecond;
    this.#credit = userBytesPerSecond * burstSeconds;
  }

  get isGone(): boolean {
    return this.#transports.size === 0;
  }

  add(transport: Transport): void {
    this.#transports.add(transport);
  }

  remove(transport: Transport): void {
    this.#transports.delete(transport);
  }

  /** Counts bytes that were read. Returns for how many ms the connection should not be read. */
  readMs(bytes: number): number {
    this.#credit -= bytes;
    if (this.#credit >= 0) return 0;
    const now = performance.now();
    const earned = ((now - this.#creditedAt) / 1_000) * this.#perSecond;
    this.#creditedAt = now;
    this.#credit = Math.min(this.#credit + earned, this.#perSecond * burstSeconds);
    return this.#credit >= 0 ? 0 : (-this.#credit / this.#perSecond) * 1_000;
  }

  /** Counts received bytes that have to wait. False if they are too many; a single frame never is. */
  hold(bytes: number): boolean {
    if (this.#received > 0 && this.#received + bytes > this.#limit) return false;
    this.#received += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#received -= bytes;
  }

  /**
   * Whether a socket may be sent so much. If the user's unsent bytes are too many, those with more than their share may
   * not. A single frame always may.
   */
  maySend(transport: Transport, bytes: number): boolean {
    this.#unsent += bytes;
    if (this.#unsent <= this.#limit) return true;
    let before = 0;
    for (const { bufferedBytes } of this.#transports) before += bufferedBytes;
    this.#unsent = before + bytes;
    if (this.#unsent <= this.#limit || before === 0) return true;
    return transport.bufferedBytes + bytes <= this.#limit / this.#transports.size;
  }
}

/** The users of all open sockets. */
export class Users {
  readonly #users = new Map<string, User>();
  readonly #limits: UserLimits;

  constructor(limits: UserLimits) {
    this.#limits = limits;
  }

  /** Sockets without an id are users of their own. */
  enter(id: string | undefined, transport: Transport): User {
    const user = (id === undefined ? undefined : this.#users.get(id)) ?? new User(this.#limits);
    user.add(transport);
    if (id !== undefined) this.#users.set(id, user);
    return user;
  }

  leave(id: string | undefined, user: User, transport: Transport): void {
    user.remove(transport);
    if (id !== undefined && user.isGone) this.#users.delete(id);
  }
}
