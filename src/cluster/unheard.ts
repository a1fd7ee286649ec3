/** A connection that is dead may look alive for so many ticks. */
const doubtfulTicks = 5;

const maxConversations = 10_000;

/** Conversations of which the other nodes have probably missed something. */
export class Unheard {
  #lost = new Set<string>();
  /** What was said lately, and a little earlier. */
  #recent = [new Set<string>(), new Set<string>()];
  #ticks = 0;

  /** Something was said that may be lost if the connection turns out to be dead. */
  said(conversationId: string): void {
    this.#recent[0]?.add(conversationId);
  }

  add(conversationId: string): void {
    if (this.#lost.size < maxConversations) this.#lost.add(conversationId);
  }

  tick(): void {
    this.#ticks = (this.#ticks + 1) % doubtfulTicks;
    if (this.#ticks === 0) this.#recent = [new Set(), this.#recent[0] ?? new Set()];
  }

  /** The connection is there again. */
  take(): Set<string> {
    const all = new Set([...this.#lost, ...this.#recent.flatMap((recent) => [...recent])]);
    this.#lost = new Set();
    return all;
  }
}
