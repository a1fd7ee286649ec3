import type { ConversationError } from "./error.ts";
import { Feed } from "./feed.ts";

/** The feeds of the turns under way, by turn id. */
export class Feeds {
  readonly #open = new Map<string, Feed>();
  /** Of turns that were over before the reply came that names them. */
  readonly #over = new Map<string, Feed>();
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
      return this.at((await reply).turn_id);
    } finally {
      this.#claims -= 1;
      if (this.#claims === 0) this.#over.clear();
    }
  }

  /** The feed of a turn that is over: nothing more will be asked of this. */
  end(turnId: string): Feed {
    const feed = this.at(turnId);
    this.#open.delete(turnId);
    if (this.#claims > 0) this.#over.set(turnId, feed);
    return feed;
  }

  failAll(error: ConversationError): void {
    for (const feed of this.#open.values()) feed.fail(error);
    this.#open.clear();
  }
}
