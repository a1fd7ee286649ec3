import type { LiveEvent } from "../turns/bus.ts";
import { Batch } from "./batch.ts";
import { type Body, written } from "./letters.ts";
import type { Office } from "./office.ts";

/** The shortest time between two questions. */
const askingMs = 200;

/** What this node says to the others in one conversation. Nothing waits for Redis, and nothing is kept for later: the others ask for the state. */
export class Outgoing {
  readonly #office: Office;
  readonly #conversationId: string;
  readonly #link: number;
  readonly #alone: () => void;
  readonly #batch: Batch;
  #n = 0;
  /** Another node listens, as far as is known. */
  #isHeard = true;
  /** How often somebody was heard. */
  #heard = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** A question came too early, and has to be asked later. */
  mustAsk = false;
  /** This node listens too, and counts as a receiver. */
  isSubscribed = false;
  /** Something did not reach Redis. */
  isLost = false;

  /** `alone` is called when no other node listens. */
  constructor(office: Office, conversationId: string, alone: () => void) {
    this.#office = office;
    this.#conversationId = conversationId;
    this.#link = office.nextNumber();
    this.#alone = alone;
    const { counters } = office;
    const merged = () => {
      counters.mergedDeltas += 1;
    };
    this.#batch = new Batch((events) => this.send({ type: "events", events }), merged);
  }

  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** Another node has said something. */
  heard(): void {
    this.#isHeard = true;
    this.#heard += 1;
  }

  /** Tells other nodes, if there are any. */
  say(event: LiveEvent): void {
    if (event.type === "abandoned" || (event.type === "notice" && event.event === "presence_diff")) return; // not for them
    if (!this.#office.isUp()) this.isLost = true;
    if (this.#isHeard && !this.isLost) this.#batch.add(event);
  }

  flush(): void {
    this.#batch.flush();
  }

  /** After something was lost: from now on, all is sent again. */
  restart(): void {
    this.isLost = false;
    this.#batch.clear();
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }

  /** Asks the other nodes, unless it has just done so. */
  ask(question: Body, reached: (others: number) => void): void {
    const now = performance.now();
    this.mustAsk = now - this.#askedAt < askingMs;
    if (this.mustAsk) return;
    this.#askedAt = now;
    this.#office.counters.asked += 1;
    this.send(question, reached);
  }

  /** `reached` is called with the number of other nodes that get it. */
  send(body: Body, reached?: (others: number) => void): void {
    const { nodeId, counters } = this.#office;
    this.#n += 1;
    const message = written({ from: nodeId, link: this.#link, n: this.#n, body });
    const { isSubscribed } = this;
    const heard = this.#heard;
    this.#office.publish(this.#conversationId, message).then(
      (receivers) => {
        const others = receivers - (isSubscribed ? 1 : 0);
        reached?.(others);
        if (!isSubscribed || others > 0 || heard !== this.#heard) return;
        this.#isHeard = false;
        this.#batch.clear();
        this.#alone();
      },
      () => {
        this.isLost = true;
        counters.lost += 1;
        this.#batch.clear();
      },
    );
  }
}
