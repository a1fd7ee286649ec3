/**
 * What to run once the client has shown that it read a frame. A client that waits for each answer before it asks again
 * proves with its next question that it read the answer, and all that was sent before it.
 */
export class Acknowledgements {
  readonly #limit: number;
  #sent: (() => void)[] = [];
  #answered: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Past the limit the oldest is forgotten: it counts as never read. */
  await(acknowledged: () => void): void {
    if (this.#sent.length + this.#answered.length >= this.#limit)
      (this.#answered.length ? this.#answered : this.#sent).shift();
    this.#sent.push(acknowledged);
  }

  /** The client asked again, so it has the last answer. */
  asked(failed: (error: unknown) => void): void {
    const read = this.#answered;
    this.#answered = [];
    for (const acknowledged of read) {
      try {
        acknowledged();
      } catch (error) {
        failed(error);
      }
    }
  }

  /** An answer goes out, after all that was sent so far. */
  answered(): void {
    this.#answered.push(...this.#sent.splice(0));
  }
}
