import type { Answer } from "./answer.ts";
import type { ConversationError } from "./error.ts";
import { handled } from "./handled.ts";
import { withNewest } from "./newest.ts";
import type { Replies, ServerEvents } from "./protocol.ts";
import type { NewText } from "./seen.ts";

/** The events of a turn, in order. `response` is the last one. */
export type TurnEvent =
  | ({ type: "accepted" } & Replies["message"])
  | ({ type: "thinking" } & ServerEvents["thinking"])
  | ({ type: "reasoning" } & NewText)
  | ({ type: "text" } & NewText)
  | ({ type: "tool_call" } & ServerEvents["tool_call"])
  | ({ type: "custom" } & ServerEvents["custom"])
  | ({ type: "input_requested" } & ServerEvents["input_requested"])
  | ({ type: "input_answered" } & ServerEvents["input_answered"])
  | ({ type: "response" } & Answer);

/** The events of one turn. Every reader gets them from the beginning, but of custom data only the newest 100; text that it has not read yet is merged into one event. */
export class Feed implements AsyncIterable<TurnEvent> {
  /** Rejects with the `ConversationError` that ended the turn. */
  readonly response: Promise<Answer>;
  readonly #settled = Promise.withResolvers<Answer>();
  #past: TurnEvent[] = [];
  readonly #readers = new Set<{ waiting: TurnEvent[]; wake: () => void }>();
  #isOver = false;

  constructor() {
    this.response = handled(this.#settled.promise); // iterating reports the error too
  }

  get past(): readonly TurnEvent[] {
    return this.#past;
  }

  add(event: TurnEvent): void {
    if (this.#isOver) return;
    if (event.type === "custom") this.#past = withNewest(this.#past, event);
    else merge(this.#past, event);
    for (const { waiting, wake } of this.#readers) {
      merge(waiting, event);
      wake();
    }
  }

  end(response: Answer): void {
    this.add({ type: "response", ...response });
    this.#settled.resolve(response);
    this.#close();
  }

  fail(error: ConversationError): void {
    this.#settled.reject(error);
    this.#close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TurnEvent, void> {
    const reader = { waiting: [...this.#past], wake() {} };
    this.#readers.add(reader);
    try {
      while (reader.waiting.length > 0 || !this.#isOver) {
        const next = reader.waiting.shift();
        if (next) yield next;
        else await new Promise<void>((resolve) => (reader.wake = resolve));
      }
      await this.response;
    } finally {
      this.#readers.delete(reader);
    }
  }

  #close(): void {
    this.#isOver = true;
    for (const { wake } of this.#readers) wake();
  }
}

/** Appends an event. Consecutive texts of one type are merged into one; a restart drops all texts of its type before it. */
function merge(events: TurnEvent[], event: TurnEvent): void {
  if (event.type !== "text" && event.type !== "reasoning") {
    events.push(event);
    return;
  }
  if (event.restart) events.splice(0, events.length, ...events.filter(({ type }) => type !== event.type));
  const last = events.at(-1);
  if (last?.type !== event.type) events.push(event);
  else events[events.length - 1] = { ...event, delta: last.delta + event.delta, restart: last.restart };
}
