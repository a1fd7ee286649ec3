import type { Member } from "../phoenix/channel.ts";

/** Pieces that come within so many ms share a push. */
const mergeMs = 30;

interface Piece {
  /** UTF-16 units before it. */
  offset: number;
  text: string;
  restart?: true;
}

/** A growing text on its way to one member: as many pushes as it can read. */
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

  /** What was shown is void. */
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

  /** Forgets what was to be sent. */
  drop(): void {
    this.#waiting = "";
    this.#cancel();
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
