/**
 * Callbacks that run once the client is known to have read a frame. Phoenix has no acknowledgements, so they are inferred:
 * a client sends its next request (heartbeat or poll) only after it read the reply to the one before, and with it
 * everything sent earlier.
 */
export class Acknowledgements {
  readonly #limit: number;
  #sent: (() => void)[] = [];
  #replied: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Above the limit, the oldest callback is dropped and never runs. */
  await(acknowledged: () => void): void {
    if (this.#sent.length + this.#replied.length >= this.#limit)
      (this.#replied.length ? this.#replied : this.#sent).shift();
    this.#sent.push(acknowledged);
  }

  /** Call when the client's next request arrives: it has read the last reply. */
  requested(failed: (error: unknown) => void): void {
    const read = this.#replied;
    this.#replied = [];
    for (const acknowledged of read) {
      try {
        acknowledged();
      } catch (error) {
        failed(error);
      }
    }
  }

  /** Call when a reply goes out: reading it implies reading every frame sent before it. */
  replied(): void {
    this.#replied.push(...this.#sent.splice(0));
  }
}
