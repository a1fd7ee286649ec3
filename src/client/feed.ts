import type { ConversationError } from "./error.ts";
import type { Replies, ServerEvents } from "./protocol.ts";
import type { NewText } from "./seen.ts";

/** What happens in a turn, in order; `response` is the last. */
export type TurnEvent =
  | ({ type: "accepted" } & Replies["message"])
  | ({ type: "thinking" } & ServerEvents["thinking"])
  | ({ type: "text" } & NewText)
  | ({ type: "response" } & ServerEvents["response"]);

/** One turn's events, kept until the one who asked takes them: text that nobody has taken yet is merged, so that little is kept. */
export class Feed implements AsyncIterable<TurnEvent> {
  /** Rejects with the `ConversationError` that ended the turn. */
  readonly response: Promise<ServerEvents["response"]>;
  readonly #settled = Promise.withResolvers<ServerEvents["response"]>();
  #waiting: TurnEvent[] = [];
  #isOver = false;
  #woken = Promise.withResolvers<void>();

  constructor() {
    this.response = this.#settled.promise;
    this.response.catch(() => {}); // who iterates learns of it there
  }

  see(event: Exclude<TurnEvent, { type: "response" }>): void {
    if (event.type !== "text") this.#waiting.push(event);
    else this.#merge(event);
    this.#woken.resolve();
  }

  end(response: ServerEvents["response"]): void {
    this.#waiting.push({ type: "response", ...response });
    this.#settled.resolve(response);
    this.#close();
  }

  fail(error: ConversationError): void {
    this.#settled.reject(error);
    this.#close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TurnEvent, void> {
    while (this.#waiting.length > 0 || !this.#isOver) {
      const next = this.#waiting.shift();
      if (next) yield next;
      else {
        this.#woken = Promise.withResolvers();
        await this.#woken.promise;
      }
    }
    await this.response;
  }

  #merge(event: Extract<TurnEvent, { type: "text" }>): void {
    if (event.restart) this.#waiting = this.#waiting.filter(({ type }) => type !== "text");
    const last = this.#waiting.at(-1);
    if (last?.type !== "text") this.#waiting.push(event);
    else this.#waiting[this.#waiting.length - 1] = { ...event, delta: last.delta + event.delta, restart: last.restart };
  }

  #close(): void {
    this.#isOver = true;
    this.#woken.resolve();
  }
}
