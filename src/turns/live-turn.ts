import type { JsonObject } from "../../graphs/host.ts";

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

/** A running turn: its stage, and the answer so far as pieces, so that a reader who keeps up costs nothing to serve. */
export class LiveTurn {
  readonly id: string;
  readonly query: string;
  /** What `thinking` last said, for those who join in the middle. */
  stage: JsonObject = { stage: "accepted" };
  restarts: number;
  length = 0;
  #pieces: string[] = [];
  #restartsWithNext = false;

  /** A turn that is begun again, after a crash, has been restarted as often before. */
  constructor(id: string, query: string, restarts: number) {
    this.id = id;
    this.query = query;
    this.restarts = restarts;
  }

  append(text: string): void {
    if (this.#restartsWithNext) this.#clear();
    this.#pieces.push(text);
    this.length += text.length;
  }

  /** Voids the answer so far, once there is something to put in its place. */
  restart(): void {
    this.#restartsWithNext = this.length > 0;
  }

  #clear(): void {
    this.#restartsWithNext = false;
    this.restarts += 1;
    this.length = 0;
    this.#pieces = [];
  }

  text(): string {
    return this.#pieces.join("");
  }

  /** What a reader who stands at the cursor has not read yet, and moves the cursor; undefined when there is nothing. */
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
    const whole = this.text();
    this.#pieces = [whole];
    return whole.slice(offset, offset + most);
  }
}
