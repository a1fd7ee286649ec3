import { randomBytes } from "node:crypto";
import type { SocketLimits } from "./limits.ts";
import type { Encoded } from "./serializer.ts";
import type { Transport } from "./transport.ts";

export interface PollAnswer {
  status: 200 | 204 | 410 | 500;
  token?: string;
  messages?: string[];
}

interface Poll {
  answer(answer: PollAnswer): void;
  window: NodeJS.Timeout;
}

/** What happens to a session, for the socket that runs over it. */
export interface SessionEvents {
  polled(): void;
  answered(): void;
  closed(): void;
}

/** A socket's frames kept until the client fetches them. */
export class LongPollSession implements Transport {
  readonly takesBytes = false;
  readonly heartbeatsAcknowledge = false;
  readonly token = randomBytes(24).toString("base64url");
  events: SessionEvents | undefined;
  readonly #windowMs: number;
  #messages: string[] = [];
  #bufferedBytes = 0;
  #poll: Poll | undefined;
  #polledAt = Date.now();
  #closed = false;

  constructor({ longPollWindowMs }: SocketLimits) {
    this.#windowMs = longPollWindowMs;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Frames that no poll has fetched yet. */
  get hasUnread(): boolean {
    return this.#messages.length > 0;
  }

  /** Answers now, or as soon as there is something to say. Of several polls only the latest is served. */
  poll(answer: (answer: PollAnswer) => void): () => void {
    this.#polledAt = Date.now();
    this.events?.polled();
    const { token } = this;
    const older = this.#poll;
    const window = setTimeout(() => {
      answer({ status: 204, token, messages: [] });
      if (this.#poll?.window === window) this.#forgetPoll();
    }, this.#windowMs);
    this.#poll = { answer, window };
    older?.window.refresh();
    if (this.hasUnread) this.#answerPoll();
    return () => {
      clearTimeout(window);
      if (this.#poll?.window === window) this.#forgetPoll();
    };
  }

  send(data: Encoded): void {
    if (typeof data !== "string") return;
    this.#messages.push(data);
    this.#bufferedBytes += data.length;
    // Frames of one tick travel in one answer.
    if (this.#poll && this.#messages.length === 1) queueMicrotask(() => this.#answerPoll());
  }

  /** A restarting server makes the client come back at once; a client that was disconnected learns it with its next request. */
  close(code: number): void {
    if (this.#closed) return;
    this.#closed = true;
    const { token } = this;
    if (this.hasUnread) this.#answerPoll();
    this.#poll?.answer(code === 1012 ? { status: 500 } : { status: 204, token, messages: [] });
    this.#forgetPoll();
    this.events?.closed();
  }

  terminate(): void {
    this.close(1012);
  }

  silent(now: number): boolean {
    return this.#poll === undefined && now - this.#polledAt >= this.#windowMs * 1.5;
  }

  #answerPoll(): void {
    if (!this.#poll || !this.hasUnread) return;
    const { answer } = this.#poll;
    this.#forgetPoll();
    const messages = this.#messages;
    this.#messages = [];
    this.#bufferedBytes = 0;
    this.events?.answered();
    answer({ status: 200, token: this.token, messages });
  }

  #forgetPoll(): void {
    clearTimeout(this.#poll?.window);
    this.#poll = undefined;
    this.#polledAt = Date.now();
  }
}
