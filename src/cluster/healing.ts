import type { LiveEvent } from "../turns/bus.ts";
import { hash, type Mark } from "../turns/missed.ts";
import type { Office } from "./office.ts";
import { Reading } from "./reading.ts";
import { within } from "./within.ts";

/** Turns whose end, or reset, was told. When there are more, they are looked up, and then forgotten. */
const maxTold = 100;

/** A turn that begins waits so long for the end of the one before to be told. */
const tellingMs = 1_000;

interface Place<Arrived> {
  readonly office: Pick<Office, "past" | "counters" | "queued" | "running">;
  readonly conversationId: string;
  /** This node tells of the turn itself. */
  runsHere(turnId: string): boolean;
  tell(event: LiveEvent): void;
  /** Gets what has arrived while the store was read. */
  take(arrived: Arrived): void;
}

/** What the members of a conversation were told, and what is missing. */
export class Healing<Arrived> {
  readonly #place: Place<Arrived>;
  readonly reading: Reading<Arrived>;
  #mark: Mark | undefined;
  readonly #told = new Set<string>();
  /** What was told before the mark. Something may still come late of it. */
  #old: string[] = [];
  /** Ends that somebody waits for. */
  readonly #awaited = new Map<string, PromiseWithResolvers<void>>();

  constructor(place: Place<Arrived>) {
    this.#place = place;
    const { office, take } = place;
    this.reading = new Reading(office.counters, () => office.queued(() => this.#heal()), take);
  }

  /** From now on it is known what is missed. */
  async begin(): Promise<void> {
    const { office, conversationId } = this.#place;
    this.#mark ??= await office.past.mark(conversationId);
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

  /** Reads the store, if necessary. Resolves when the members have been told of this end; soon, if it was told long ago. */
  async whenTold(turnId: string): Promise<void> {
    const awaited = this.#awaited.get(turnId) ?? Promise.withResolvers<void>();
    this.#awaited.set(turnId, awaited);
    this.reading.start();
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

  /** Tells what is missing. */
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
    for (const [turnId, { resolve }] of awaited) if (!runsHere(turnId)) resolve();
  }
}
