import type { Member } from "../phoenix/channel.ts";

/** Pieces that arrive within this time share a push. */
const mergeMs = 30;

interface Piece {
  /** Length of the text before it, in UTF-16 units. */
  offset: number;
  text: string;
  restart?: true;
}

/** Streams a growing text to one member. While the member is slow, pieces are merged. */
export class TextStream {
  readonly #member: Member<unknown>;
  readonly #push: (piece: Piece) => void;
  #offset = 0;
  #waiting = "";
  #restarted = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(member: Member<unknown>, push: (piece: Piece) => void) {
    this.#member = member;
    this.#push = push;
  }

  append(text: string): void {
    this.#waiting += text;
    this.#timer ??= setTimeout(() => {
      if (this.#member.congested) this.#member.whenWritable(() => this.flush());
      else this.flush();
    }, mergeMs);
  }

  /** Discards the text so far. */
  restart(): void {
    this.#offset = 0;
    this.#waiting = "";
    this.#restarted = true;
  }

  flush(): void {
    this.#cancel();
    if (this.#waiting === "") return;
    this.#push({ offset: this.#offset, text: this.#waiting, ...(this.#restarted && { restart: true as const }) });
    this.#offset += this.#waiting.length;
    this.#waiting = "";
    this.#restarted = false;
  }

  /** Drops the text that was not sent yet. */
  drop(): void {
    this.#waiting = "";
    this.#cancel();
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
