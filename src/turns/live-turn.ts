import type { JsonObject } from "../../graphs/host.ts";
import { cut } from "../../graphs/text.ts";

/** Where in a turn's answer a reader stands: a restart moves every reader back to the beginning. */
export interface Cursor {
  restarts: number;
  /** UTF-16 units read. */
  offset: number;
}

/** A piece of the answer; `restart` voids what was read of the turn before it. */
export interface TextPiece {
  offset: number;
  text: string;
  restart: boolean;
}

/** An answer is kept in blocks of at least so many UTF-16 units, so that reading somewhere in it costs little. */
const blockLength = 16_384;

/** A running turn: its stage, and the answer so far. A reader who keeps up is given the pieces as they came. */
export class LiveTurn {
  readonly id: string;
  readonly query: string;
  /** What `thinking` last said, for those who join in the middle. */
  stage: JsonObject = { stage: "accepted" };
  restarts: number;
  length = 0;
  #blocks: { start: number; text: string }[] = [];
  /** What came behind the last block. */
  #pieces: string[] = [];
  #piecesStart = 0;

  /** A turn that is begun again, after a crash, has been restarted as often before. */
  constructor(id: string, query: string, restarts: number) {
    this.id = id;
    this.query = query;
    this.restarts = restarts;
  }

  /** Takes in the next piece, or the first one of an answer that begins anew. */
  take({ restarts, text }: { restarts: number; text: string }): void {
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

  /** What a reader who stands at the cursor has not read yet, at `most` so many UTF-16 units; moves the cursor. Undefined when there is nothing. */
  read(cursor: Cursor, most: number): TextPiece | undefined {
    const restart = cursor.restarts !== this.restarts;
    if (restart) Object.assign(cursor, { restarts: this.restarts, offset: 0 });
    if (cursor.offset === this.length && !restart) return undefined;
    const { offset } = cursor;
    const text = this.#from(offset, most);
    cursor.offset += text.length;
    return { offset, text, restart };
  }

  #from(offset: number, most: number): string {
    const last = this.#pieces.at(-1) ?? "";
    if (offset === this.length - last.length && last.length <= most) return last;
    const first = this.#blocks.findLastIndex(({ start }) => start <= offset);
    const near = offset < this.#piecesStart ? this.#blocks.slice(first) : [];
    const start = near[0]?.start ?? this.#piecesStart;
    const texts = near.filter((block) => block.start <= offset + most).map(({ text }) => text);
    const pieces = this.#piecesStart <= offset + most ? this.#pieces : [];
    return cut([...texts, ...pieces].join("").slice(offset - start), most);
  }
}
