import { cut } from "../../graphs/text.ts";

/** A reader's position in a text. A restart moves every reader back to the beginning. */
export interface Cursor {
  restarts: number;
  /** UTF-16 units read. */
  offset: number;
}

/** A piece of a text. `restart` discards everything read so far. */
export interface TextPiece {
  offset: number;
  text: string;
  restart: boolean;
}

/** In UTF-16 units. Pieces are joined to blocks of at least this length, so that reading from any offset is cheap. */
const blockLength = 16_384;

/** A text that grows while others read it, each from its own position. */
export class GrowingText {
  restarts: number;
  length = 0;
  #blocks: { start: number; text: string }[] = [];
  /** The text after the last block. */
  #pieces: string[] = [];
  #piecesStart = 0;

  constructor(restarts: number) {
    this.restarts = restarts;
  }

  /** Appends a piece. If its `restarts` is new, the text so far is discarded first. */
  append({ restarts, text }: { restarts: number; text: string }): void {
    if (restarts !== this.restarts) this.#clear(restarts);
    this.#pieces.push(text);
    this.length += text.length;
    if (this.length - this.#piecesStart >= blockLength) this.#closeBlock();
  }

  #closeBlock(): void {
    this.#blocks.push({ start: this.#piecesStart, text: this.#pieces.join("") });
    this.#pieces = [];
    this.#piecesStart = this.length;
  }

  #clear(restarts: number): void {
    this.restarts = restarts;
    this.length = 0;
    this.#blocks = [];
    this.#pieces = [];
    this.#piecesStart = 0;
  }

  text(): string {
    return [...this.#blocks.map(({ text }) => text), ...this.#pieces].join("");
  }

  /** Returns the text after the cursor, at most `limit` UTF-16 units, and advances the cursor. Undefined if there is nothing new. */
  read(cursor: Cursor, limit: number): TextPiece | undefined {
    const restart = cursor.restarts !== this.restarts;
    if (restart) Object.assign(cursor, { restarts: this.restarts, offset: 0 });
    if (cursor.offset === this.length && !restart) return undefined;
    const { offset } = cursor;
    const text = this.#textFrom(offset, limit);
    cursor.offset += text.length;
    return { offset, text, restart };
  }

  #textFrom(offset: number, limit: number): string {
    const last = this.#pieces.at(-1) ?? "";
    if (offset === this.length - last.length && last.length <= limit) return last;
    const first = this.#blocks.findLastIndex(({ start }) => start <= offset);
    const near = offset < this.#piecesStart ? this.#blocks.slice(first) : [];
    const start = near[0]?.start ?? this.#piecesStart;
    const texts = near.filter((block) => block.start <= offset + limit).map(({ text }) => text);
    const pieces = this.#piecesStart <= offset + limit ? this.#pieces : [];
    return cut([...texts, ...pieces].join("").slice(offset - start), limit);
  }
}
