import type { IncomingHttpHeaders } from "node:http";

import { createParser, type EventSourceParser } from "eventsource-parser";

import { addCompletion, broken, type Piece } from "./completion.ts";
import type { BodyReader } from "./http/exchange.ts";

/** In UTF-16 units: a longer event, or body that is no stream, is not read to its end. */
const longestEvent = 33_554_432;

/** Reads one reply, a stream or a single object. Everything that arrives in one read is one piece. Throws a ModelFailure for a cut or refused reply. */
export class CompletionReader implements BodyReader {
  readonly #onPiece: (piece: Piece) => void;
  /** Keeps the bytes of a character whose rest is in the next read. */
  readonly #decoder = new TextDecoder();
  readonly #parser: EventSourceParser;
  #piece: Piece | undefined;
  #isStream = true;
  #json = "";
  #isFinished = false;
  #isOver = false;

  constructor(onPiece: (piece: Piece) => void) {
    this.#onPiece = onPiece;
    this.#parser = createParser({
      maxBufferSize: longestEvent,
      onError({ type }) {
        if (type === "max-buffer-size-exceeded") throw broken("An event of the reply does not end.");
      },
      onEvent: ({ data }) => this.#event(data),
    });
  }

  /** The model has said why it stopped: all of its answer is there. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** The end mark was read. */
  get isOver(): boolean {
    return this.#isOver;
  }

  begin({ "content-type": type = "" }: IncomingHttpHeaders): void {
    this.#isStream = !type.includes("application/json");
  }

  read(bytes: Buffer): void {
    const text = this.#decoder.decode(bytes, { stream: true });
    if (this.#isStream) {
      this.#parser.feed(text);
      this.#tell();
    } else {
      this.#json += text;
      if (this.#json.length > longestEvent) throw broken("The reply does not end.");
    }
  }

  end(): void {
    if (this.#isStream) {
      if (!this.#isFinished) throw broken("The reply was cut.");
    } else {
      this.#event(this.#json);
      this.#tell();
    }
  }

  #event(data: string): void {
    if (this.#isOver) return;
    if (data === "[DONE]") {
      this.#isOver = true;
      return;
    }
    this.#piece ??= { text: "" };
    addCompletion(this.#piece, data);
  }

  #tell(): void {
    const piece = this.#piece;
    if (!piece) return;
    this.#piece = undefined;
    if (piece.finish !== undefined) this.#isFinished = true;
    this.#onPiece(piece);
  }
}
