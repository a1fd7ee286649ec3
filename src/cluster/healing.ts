import type { LiveEvent } from "../turns/bus.ts";
import type { LiveTurn } from "../turns/live-turn.ts";
import { hash, type Known, type Mark } from "../turns/missed.ts";

/** Turns whose end was told. When there are more, they are looked up, and then forgotten. */
const maxTold = 100;

/** What a node reads in the store to find out what it has missed. */
export interface Past {
  mark(conversationId: string): Promise<Mark | undefined>;
  since(conversationId: string, mark: Mark, known: Known): AsyncGenerator<LiveEvent, Mark>;
}

interface Place {
  running(): LiveTurn | undefined;
  /** This node tells of the turn itself. */
  runsHere(turnId: string): boolean;
  tell(event: LiveEvent): void;
}

/** What the members of a conversation were told, and what is missing. */
export class Healing {
  readonly #past: Past;
  readonly #conversationId: string;
  #mark: Mark | undefined;
  readonly #told = new Set<string>();
  /** What was told before the mark. Something may still come late of it. */
  #old: string[] = [];

  constructor(past: Past, conversationId: string) {
    this.#past = past;
    this.#conversationId = conversationId;
  }

  /** From now on it is known what is missed. */
  async begin(): Promise<void> {
    this.#mark ??= await this.#past.mark(this.#conversationId);
  }

  get isLong(): boolean {
    return this.#told.size - this.#old.length > maxTold;
  }

  isTold(turnId: string): boolean {
    return this.#told.has(turnId);
  }

  /** The members are told of this. */
  note(event: LiveEvent): void {
    if (event.type === "ended") this.#told.add(event.turnId);
    if (!this.#mark) return;
    if (event.type === "notice" && event.event === "context_updated")
      this.#mark = { ...this.#mark, context: hash(Object(event.payload).context ?? {}) };
    if (event.type === "reset")
      this.#mark = { ...this.#mark, sessionId: String(event.payload.session_id), context: hash({}) };
  }

  /** Tells what is missing. */
  async heal({ running, runsHere, tell }: Place): Promise<void> {
    if (!this.#mark) return await this.begin();
    const before = [...this.#told];
    const isTold = (turnId: string) => this.#told.has(turnId) || runsHere(turnId);
    const missed = this.#past.since(this.#conversationId, this.#mark, { running, isTold });
    let next = await missed.next();
    for (; !next.done; next = await missed.next()) tell(next.value);
    this.#mark = next.value;
    for (const turnId of this.#old) this.#told.delete(turnId);
    this.#old = before.filter((turnId) => this.#told.has(turnId));
  }
}
