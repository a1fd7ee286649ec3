import type { IncomingHttpHeaders } from "node:http";

import type { BodyReader } from "../http/exchange.ts";
import { HttpError } from "../http/http-error.ts";
import { EventSplitter } from "./event-splitter.ts";
import { broken, type Piece } from "./piece.ts";
import { ReplyEvents } from "./reply-events.ts";

export interface ReaderOptions {
  onPiece: (piece: Piece) => void;
  /** Called after each read. `isProgress` is false if it had only comments, blanks or a part of an event. */
  onRead?: (isProgress: boolean) => void;
  /** Removed from what the server says about errors. */
  secrets?: string[];
}

const streaming = { stream: true };

/** What may still come: after a finish reason that is not the last, text; after the last, the usage. */
export type Expected = "anything" | "text" | "usage" | "end";

/**
 * Reads one reply, a stream or a single object. Each network read becomes one piece. Throws an HttpError if the server tells of an error, and
 * a ModelFailure if the reply is cut, refused or malformed. Once there is a finish reason, nothing but a refusal can fail the reply.
 */
export class CompletionReader implements BodyReader {
  readonly #options: ReaderOptions;
  /** Also buffers the bytes of a character that is split between two reads. */
  readonly #decoder = new TextDecoder();
  readonly #events: ReplyEvents;
  readonly #splitter: EventSplitter;
  #piece: Piece | undefined;
  #isOver = false;
  /** The end of the body is seen by its length, so that a cut connection differs from it. */
  #hasLength = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#events = new ReplyEvents(options.secrets ?? []);
    this.#splitter = new EventSplitter({
      isKnown: (json) => this.#isKnown(json),
      onEvent: (event, json) => this.#event(event, json),
      onDone: () => this.#close(),
    });
  }

  /** A finish reason was read: the answer is complete. */
  get isFinished(): boolean {
    return this.#events.finish !== "none";
  }

  get expected(): Expected {
    const { finish, hasUsage } = this.#events;
    if (finish === "none") return "anything";
    if (finish === "early" || this.#events.isFinishUnsure) return "text";
    return hasUsage ? "end" : "usage";
  }

  /** Nothing more is read, as after `[DONE]`. */
  get isOver(): boolean {
    return this.#isOver;
  }

  begin(headers: IncomingHttpHeaders): void {
    this.#hasLength = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
    this.#options.onRead?.(false);
  }

  read(bytes: Buffer): void {
    try {
      this.#splitter.feed(this.#decoder.decode(bytes, streaming));
    } catch (error) {
      this.#failed(error);
    }
    this.#flush();
  }

  end(): void {
    try {
      this.#splitter.end();
    } catch (error) {
      this.#failed(error);
    }
    const { hasContent, hasMessage } = this.#events;
    const isWhole = this.#isOver || this.isFinished || hasMessage || (hasContent && this.#hasLength);
    if (!isWhole) throw broken("The reply was cut.");
    this.#close();
    this.#flush();
  }

  /** Reads what is buffered after the connection broke or fell silent. Returns true if the answer is complete. */
  settle(): boolean {
    if (this.#isOver) return true;
    try {
      this.#splitter.end();
    } catch {
      // Half of an event.
    }
    if (!this.isFinished && !this.#events.hasMessage) return false;
    this.#close();
    this.#flush();
    return true;
  }

  #isKnown(json: string): boolean {
    if (this.#isOver) return false;
    this.#piece ??= { text: "" };
    return this.#events.addRepeated(this.#piece, json);
  }

  #event(event: object, json: string | undefined): void {
    if (this.#isOver) return;
    this.#piece ??= { text: "" };
    this.#events.add(this.#piece, event as Record<string, unknown>, json); // any object can be read so
  }

  #close(): void {
    if (this.#isOver) return;
    this.#piece ??= { text: "" };
    this.#events.close(this.#piece);
    this.#isOver = true;
  }

  /** Ends the reply if it is complete and something meaningless follows. Otherwise throws the error. */
  #failed(error: unknown): void {
    if (!this.isFinished || this.#isFailure(error)) throw error;
    this.#close();
  }

  /** An error counts after a finish reason too if the server's finish reasons do not mean the end. */
  #isFailure(error: unknown): boolean {
    if (error instanceof HttpError) return this.#events.isFinishUnsure;
    return !(error instanceof Error && "code" in error && error.code === "model_unavailable");
  }

  #flush(): void {
    const piece = this.#piece;
    this.#piece = undefined;
    if (piece) this.#options.onPiece(piece);
    this.#options.onRead?.(piece !== undefined);
  }
}
