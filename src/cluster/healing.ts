import type { End } from "../store/deliveries.ts";
import type { LiveEvent } from "../turns/bus.ts";
import { hash, type Mark } from "../turns/missed.ts";
import type { Arrived } from "./listening.ts";
import type { Office } from "./office.ts";
import { Reading } from "./reading.ts";
import { within } from "./within.ts";

/** Turns whose end, or reset, was told. When there are more, they are looked up, and then forgotten. */
const maxTold = 100;

/** How long a turn waits until the end of the previous one has been told. */
const tellingMs = 1_000;

interface Place {
  readonly office: Pick<Office, "past" | "counters" | "queued" | "running">;
  readonly conversationId: string;
  /** This node tells of the turn itself. */
  runsHere(turnId: string): boolean;
  tell(event: LiveEvent): void;
  /** Gets what has arrived while the store was read. */
  take(arrived: Arrived): void;
}

/** What the members of a conversation were told, and what is missing. */
export class Healing {
  readonly #place: Place;
  readonly reading: Reading;
  #mark: Mark | undefined;
  #beginning: Promise<void> | undefined;
  readonly #told = new Set<string>();
  /** Told before the mark. Late letters may still mention them. */
  #old: string[] = [];
  /** Ends that somebody waits for. */
  readonly #awaited = new Map<string, PromiseWithResolvers<void>>();

  constructor(place: Place) {
    this.#place = place;
    const { office, take } = place;
    this.reading = new Reading(office.counters, () => office.queued(() => this.#heal()), take);
  }

  /** From now on it is known what is missed. */
  async begin(): Promise<void> {
    if (this.#mark) return;
    const { office, conversationId } = this.#place;
    this.#beginning ??= office.past
      .mark(conversationId)
      .then((mark) => {
        this.#mark = mark;
      })
      .finally(() => {
        this.#beginning = undefined;
      });
    await this.#beginning;
  }

  /** Reads the store, and tells what is missing. */
  heal(): void {
    this.reading.start();
  }

  get isLong(): boolean {
    return this.#told.size - this.#old.length > maxTold;
  }

  /** The members have been told of this session. */
  isKnown(sessionId: unknown): boolean {
    return this.#mark?.sessionId === sessionId;
  }

  isTold(turnId: string): boolean {
    return this.#told.has(turnId);
  }

  /** Turns that have ended, except those whose end was told before the call. */
  async ended(): Promise<string[]> {
    const { office, conversationId } = this.#place;
    const before = new Set(this.#told);
    await this.begin();
    if (!this.#mark) return [];
    const ends = await office.past.ends(conversationId, this.#mark.position);
    return ends.flatMap(({ turnId }) => (before.has(turnId) ? [] : [turnId]));
  }

  /** Undefined if the members know of this end. Otherwise resolves when they do, or after a second. */
  whenTold({ turnId, position }: End): Promise<void> | undefined {
    const isOld = this.#mark !== undefined && position <= this.#mark.position;
    return isOld || this.isTold(turnId) ? undefined : this.#whenTold(turnId);
  }

  async #whenTold(turnId: string): Promise<void> {
    const awaited = this.#awaited.get(turnId) ?? Promise.withResolvers<void>();
    this.#awaited.set(turnId, awaited);
    this.heal();
    await within(tellingMs, awaited.promise);
    this.#awaited.delete(turnId);
  }

  /** The members are told of this. */
  note(event: LiveEvent): void {
    if (event.type === "ended") {
      this.#told.add(event.turnId);
      this.#awaited.get(event.turnId)?.resolve();
    }
    if (event.type === "reset") for (const turnId of event.turnIds) this.#told.add(turnId);
    if (!this.#mark) return;
    if (event.type === "notice" && event.event === "context_updated")
      this.#mark = { ...this.#mark, context: hash(Object(event.payload).context ?? {}) };
    if (event.type === "reset")
      this.#mark = { ...this.#mark, sessionId: String(event.payload.session_id), context: hash({}) };
  }

  async #heal(): Promise<void> {
    const { office, conversationId, runsHere, tell } = this.#place;
    const awaited = [...this.#awaited];
    if (this.#mark) {
      const before = [...this.#told];
      const isTold = (turnId: string) => this.#told.has(turnId) || runsHere(turnId);
      const running = () => office.running(conversationId);
      const missed = office.past.since(conversationId, this.#mark, { running, isTold });
      let next = await missed.next();
      for (; !next.done; next = await missed.next()) tell(next.value);
      this.#mark = next.value;
      for (const turnId of this.#old) this.#told.delete(turnId);
      this.#old = before.filter((turnId) => this.#told.has(turnId));
    } else await this.begin();
    for (const [turnId, { resolve }] of awaited) if (!runsHere(turnId)) resolve(); // this node tells that end itself, in a moment
  }
}
