import type { User } from "../phoenix/user.ts";

/** One read of the network. What arrives at once does not wait. */
const freeBytes = 65_536;

/** The bytes since the last frame. Where they are many, the frame that they begin counts as bytes that its user has waiting. */
export class ArrivingFrame {
  readonly #user: User;
  #bytes = 0;
  #held = 0;

  constructor(user: User) {
    this.#user = user;
  }

  /** False if the user has too much waiting. */
  add(bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#bytes <= freeBytes) return true;
    if (!this.#user.hold(bytes)) return false;
    this.#held += bytes;
    return true;
  }

  arrived(): void {
    this.#bytes = 0;
    if (this.#held > 0) this.#user.release(this.#held);
    this.#held = 0;
  }
}
