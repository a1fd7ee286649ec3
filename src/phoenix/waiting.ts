import type { User } from "./user.ts";

/** The bytes of a socket's frames that wait in its channels or are in hand. They count for its user, too. */
export class Waiting {
  readonly #user: User;
  readonly #limit: number;
  #bytes = 0;
  #isOver = false;

  constructor(user: User, limit: number) {
    this.#user = user;
    this.#limit = limit;
  }

  /** Counts a frame. False if too much waits already; a single frame may always wait, whatever its size. */
  hold(bytes: number): boolean {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#limit) return false;
    if (!this.#user.hold(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    if (this.#isOver) return;
    this.#bytes -= bytes;
    this.#user.release(bytes);
  }

  /** Call when the socket is gone. What is released later no longer counts. */
  end(): void {
    this.release(this.#bytes);
    this.#isOver = true;
  }
}
