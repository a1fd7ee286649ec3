import type { ConversationError } from "./error.ts";
import { Feed, type TurnEvent } from "./feed.ts";

/** The feeds of unfinished turns, by turn ID. */
export class Feeds {
  readonly #open = new Map<string, Feed>();
  /** Feeds of turns that ended while a claim was pending: the claim's reply may name one of them. */
  readonly #ended = new Map<string, Feed>();
  readonly #claimed = new Set<string>();
  #claims = 0;

  at(turnId: string): Feed {
    const known = this.#open.get(turnId) ?? this.#ended.get(turnId);
    if (known) return known;
    const feed = new Feed();
    this.#open.set(turnId, feed);
    return feed;
  }

  /** Resolves to the feed of the turn that the reply names. Until then ended feeds are kept, since that turn may end first. */
  async claim(reply: Promise<{ turn_id: string }>): Promise<Feed> {
    this.#claims += 1;
    try {
      const { turn_id } = await reply;
      const feed = this.at(turn_id);
      if (this.#open.has(turn_id)) this.#claimed.add(turn_id);
      return feed;
    } finally {
      this.#claims -= 1;
      if (this.#claims === 0) this.#ended.clear();
    }
  }

  /** The events so far of each unfinished turn. */
  *unfinished(): Iterable<readonly [turnId: string, events: readonly TurnEvent[]]> {
    for (const [turnId, feed] of this.#open) yield [turnId, feed.past];
  }

  /** Unfinished turns that this page has asked for. */
  claimed(): string[] {
    return [...this.#claimed];
  }

  /** Removes an ended turn's feed after `tell` has sent it the outcome. */
  close(turnId: string, tell: (feed: Feed) => void): void {
    const feed = this.at(turnId);
    this.#open.delete(turnId);
    this.#claimed.delete(turnId);
    if (this.#claims > 0) this.#ended.set(turnId, feed);
    tell(feed);
  }

  failAll(error: ConversationError): void {
    for (const turnId of [...this.#open.keys()]) this.close(turnId, (feed) => feed.fail(error));
  }
}
