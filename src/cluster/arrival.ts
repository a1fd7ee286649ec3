import { within } from "./within.ts";

/** A member that joins waits so long for what the other nodes say. */
const replyMs = 300;

/** How far a node has come that begins to listen to a conversation. */
export class Arrival {
  readonly #subscribed = Promise.withResolvers<void>();
  readonly #told = Promise.withResolvers<void>();
  /** How many nodes were asked. */
  #expected = Number.POSITIVE_INFINITY;
  #replies = 0;

  subscribed(): void {
    this.#subscribed.resolve();
  }

  asked(nodes: number): void {
    this.#expected = Math.min(this.#expected, nodes);
    this.#settle();
  }

  replied(): void {
    this.#replies += 1;
    this.#settle();
  }

  #settle(): void {
    if (this.#replies >= this.#expected) this.#told.resolve();
  }

  /** Resolves when the channel is subscribed, or cannot be for the moment. */
  async whenSubscribed(): Promise<void> {
    await within(replyMs, this.#subscribed.promise);
  }

  /** Resolves when all have replied, or one of them is late. */
  async whenTold(): Promise<void> {
    await within(replyMs, this.#told.promise);
  }
}
