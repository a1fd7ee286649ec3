import { randomBytes } from "node:crypto";
import type { SocketLimits } from "../phoenix/limits.ts";
import type { CloseCode, Transport } from "../phoenix/transport.ts";
import type { Encoded } from "../phoenix/wire/serializer.ts";

export interface PollAnswer {
  status: 200 | 204 | 408 | 410 | 413 | 500;
  token?: string;
  messages?: string[];
}

/** Call `left` when the answer has left, or with false if messages in it are lost. */
type Answer = (answer: PollAnswer, left: (isTaken: boolean) => void) => void;

interface Poll {
  answer: Answer;
  window: NodeJS.Timeout;
}

/** Events of a session, for its socket. */
export interface SessionEvents {
  polled(): void;
  /** A poll was answered with messages. */
  answered(): void;
  closed(): void;
}

/** A session's token without other nodes. */
export function newToken(): string {
  return randomBytes(24).toString("base64url");
}

/** A long poll transport: keeps a socket's frames until the client's next poll. */
export class LongPollSession implements Transport {
  readonly supportsBinary = false;
  readonly heartbeatsAcknowledge = false;
  readonly token: string;
  events: SessionEvents | undefined;
  readonly #windowMs: number;
  #messages: string[] = [];
  #bufferedBytes = 0;
  /** In answers that the network has not accepted yet. */
  #answeredBytes = 0;
  readonly #polls = new Set<Poll>();
  /** The only poll that gets messages; older ones time out. */
  #latest: Poll | undefined;
  #polledAt = performance.now();
  #closed = false;

  constructor({ longPollWindowMs }: SocketLimits, token: string) {
    this.#windowMs = longPollWindowMs;
    this.token = token;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes + this.#answeredBytes;
  }

  /** Frames that no poll has fetched yet. */
  get hasUnread(): boolean {
    return this.#messages.length > 0;
  }

  /** Calls `answer` with messages as soon as there are any, or with 204 when the window ends. Returns a function that cancels the poll. */
  poll(answer: Answer): () => void {
    this.events?.polled();
    const poll: Poll = {
      answer,
      window: setTimeout(() => this.#answer(poll, { status: 204, token: this.token, messages: [] }), this.#windowMs),
    };
    this.#polls.add(poll);
    this.#latest = poll;
    if (this.hasUnread) this.#deliver();
    return () => this.#forget(poll);
  }

  send(data: Encoded): void {
    if (typeof data !== "string") return;
    this.#messages.push(data);
    this.#bufferedBytes += data.length;
    // Frames sent in the same tick share one answer.
    if (this.#latest && this.#messages.length === 1) queueMicrotask(() => this.#deliver());
  }

  /** On a restart (1012), clients get a 500 and reconnect at once. Otherwise they find out with their next poll. */
  close(code: CloseCode): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#deliver();
    const { token } = this;
    const last: PollAnswer = code === 1012 ? { status: 500 } : { status: 204, token, messages: [] };
    for (const poll of this.#polls) this.#answer(poll, last);
    this.events?.closed();
  }

  terminate(): void {
    this.close(1012);
  }

  isIdle(now: number): boolean {
    return this.#polls.size === 0 && now - this.#polledAt >= this.#windowMs * 1.5;
  }

  #deliver(): void {
    if (!this.#latest || !this.hasUnread) return;
    const messages = this.#messages;
    const bytes = this.#bufferedBytes;
    this.#messages = [];
    this.#bufferedBytes = 0;
    this.#answeredBytes += bytes;
    this.events?.answered();
    this.#answer(this.#latest, { status: 200, token: this.token, messages }, (isTaken) => {
      this.#answeredBytes -= bytes;
      // The client has to start a new session.
      if (!isTaken) this.close(1002);
    });
  }

  #answer(poll: Poll, answer: PollAnswer, left: (isTaken: boolean) => void = () => {}): void {
    this.#forget(poll);
    poll.answer(answer, left);
  }

  #forget(poll: Poll): void {
    clearTimeout(poll.window);
    this.#polls.delete(poll);
    if (this.#latest === poll) this.#latest = undefined;
    this.#polledAt = performance.now();
  }
}
