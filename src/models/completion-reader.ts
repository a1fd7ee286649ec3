import type { IncomingHttpHeaders } from "node:http";

import { createParser, type EventSourceParser } from "eventsource-parser";

import { addCompletion, broken, type Piece } from "./completion.ts";
import type { BodyReader } from "./http/exchange.ts";

/** In UTF-16 units. Limits one event of a stream, and a body that is not a stream. */
const maxEventUnits = 33_554_432;

/** Reads one reply, a stream or a single object. Each network read becomes one piece. Throws a ModelFailure if the reply is cut, refused or malformed. */
export class CompletionReader implements BodyReader {
  readonly #onPiece: (piece: Piece) => void;
  /** Also buffers the bytes of a character that is split between two reads. */
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
      maxBufferSize: maxEventUnits,
      onError({ type }) {
        if (type === "max-buffer-size-exceeded") throw broken("An event of the reply is too long.");
      },
      onEvent: ({ data }) => this.#event(data),
    });
  }

  /** A finish reason was read: the answer is complete. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** `[DONE]` was read. */
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
      this.#flush();
    } else {
      this.#json += text;
      if (this.#json.length > maxEventUnits) throw broken("The reply is too long.");
    }
  }

  end(): void {
    if (this.#isStream) {
      if (!this.#isFinished) throw broken("The reply was cut.");
    } else {
      this.#event(this.#json);
      this.#flush();
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

  #flush(): void {
    const piece = this.#piece;
    if (!piece) return;
    this.#piece = undefined;
    if (piece.finish !== undefined) this.#isFinished = true;
    this.#onPiece(piece);
  }
}
