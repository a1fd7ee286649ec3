import type { ConversationError } from "./error.ts";
import { Feed } from "./feed.ts";

/** The feeds of the turns under way, by turn id. */
export class Feeds {
  readonly #open = new Map<string, Feed>();
  /** Of turns that were over before the reply came that names them. */
  readonly #over = new Map<string, Feed>();
  readonly #claimed = new Set<string>();
  #claims = 0;

  at(turnId: string): Feed {
    const known = this.#open.get(turnId) ?? this.#over.get(turnId);
    if (known) return known;
    const feed = new Feed();
    this.#open.set(turnId, feed);
    return feed;
  }

  /** The feed of the turn that the reply names; until then the feeds of turns that end are kept. */
  async claim(reply: Promise<{ turn_id: string }>): Promise<Feed> {
    this.#claims += 1;
    try {
      const { turn_id } = await reply;
      const feed = this.at(turn_id);
      if (this.#open.has(turn_id)) this.#claimed.add(turn_id);
      return feed;
    } finally {
      this.#claims -= 1;
      if (this.#claims === 0) this.#over.clear();
    }
  }

  /** Turns that somebody waits for. */
  claimed(): string[] {
    return [...this.#claimed];
  }

  /** The turn is over: `tell` is the last that its feed hears. */
  close(turnId: string, tell: (feed: Feed) => void): void {
    const feed = this.at(turnId);
    this.#open.delete(turnId);
    this.#claimed.delete(turnId);
    if (this.#claims > 0) this.#over.set(turnId, feed);
    tell(feed);
  }

  failAll(error: ConversationError): void {
    for (const turnId of [...this.#open.keys()]) this.close(turnId, (feed) => feed.fail(error));
  }
}
