import { cutToBytes } from "../../graphs/text.ts";

interface Piece {
  restarts: number;
  /** In UTF-16 units. */
  offset: number;
  text: string;
}

/** A growing text as numbered pieces. */
export interface Pieces {
  /** The text so far is discarded, but nobody knows it yet: the next piece tells. */
  readonly isDiscarded: boolean;
  add(text: string): void;
  /** Discards the text so far. */
  restart(): void;
}

/** `restarts` is the number of earlier attempts. */
export function pieces(restarts: number, publish: (piece: Piece) => void): Pieces {
  const next = { restarts, offset: 0 };
  let isDiscarded = false;
  return {
    get isDiscarded() {
      return isDiscarded;
    },
    add(text) {
      if (isDiscarded) Object.assign(next, { restarts: next.restarts + 1, offset: 0 });
      isDiscarded = false;
      const { offset } = next;
      next.offset += text.length;
      publish({ restarts: next.restarts, offset, text });
    },
    restart() {
      isDiscarded = next.offset > 0;
    },
  };
}

/** Drops what exceeds a number of UTF-8 bytes. `exceeded` is called the first time. */
export function bounded(inner: Pieces, maxBytes: number, exceeded: () => void): Pieces {
  let left = maxBytes;
  let hasExceeded = false;
  return {
    get isDiscarded() {
      return inner.isDiscarded;
    },
    add(text) {
      const piece = cutToBytes(text, left);
      const isCut = piece.length < text.length;
      left = isCut ? 0 : left - Buffer.byteLength(piece);
      if (piece !== "" || text === "") inner.add(piece);
      if (isCut && !hasExceeded) exceeded();
      hasExceeded ||= isCut;
    },
    restart() {
      inner.restart();
      left = maxBytes;
    },
  };
}
