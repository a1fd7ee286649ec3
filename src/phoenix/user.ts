import type { Transport } from "./transport.ts";

/** What all sockets with one `id` hold in memory, so that a user with many sockets is bounded too. */
export class User {
  readonly #transports = new Set<Transport>();
  readonly #limit: number;
  #received = 0;
  /** At least what is unsent: it is measured again when it reaches the limit. */
  #unsent = 0;

  constructor(limit: number) {
    this.#limit = limit;
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
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Sockets without an id are users of their own. */
  enter(id: string | undefined, transport: Transport): User {
    const user = (id === undefined ? undefined : this.#users.get(id)) ?? new User(this.#limit);
    user.add(transport);
    if (id !== undefined) this.#users.set(id, user);
    return user;
  }

  leave(id: string | undefined, user: User, transport: Transport): void {
    user.remove(transport);
    if (id !== undefined && user.isGone) this.#users.delete(id);
  }
}
