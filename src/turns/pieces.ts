import { cutToBytes } from "../../graphs/text.ts";

/** A growing text as numbered pieces. */
export interface Pieces {
  /** The text so far is discarded, but nobody knows it yet: the next piece tells. */
  readonly isDiscarded: boolean;
  add(text: string): void;
  /** Discards the text so far. */
  restart(): void;
}

/**
 * `restarted` is how many texts were discarded in earlier attempts, `said` the length of what is not. Each piece is published with its number of
 * restarts and its offset in UTF-16 units.
 */
export function pieces(
  restarted: number,
  publish: (restarts: number, offset: number, text: string) => void,
  said = 0,
): Pieces {
  let restarts = restarted;
  let offset = said;
  let isDiscarded = false;
  return {
    get isDiscarded() {
      return isDiscarded;
    },
    add(text) {
      if (isDiscarded) {
        restarts += 1;
        offset = 0;
        isDiscarded = false;
      }
      const start = offset;
      offset += text.length;
      publish(restarts, start, text);
    },
    restart() {
      isDiscarded = offset > 0;
    },
  };
}

/** Drops what exceeds a number of UTF-8 bytes, of which some are `used` already. `exceeded` is called the first time. */
export function bounded(
  inner: Pieces,
  maxBytes: number,
  exceeded: () => void,
  used = 0,
): Pick<Pieces, "add" | "restart"> {
  let left = Math.max(0, maxBytes - used);
  let hasExceeded = false;
  return {
    add(text) {
      const piece = cutToBytes(text, left);
      const isCut = piece.length < text.length;
      left = isCut ? 0 : left - Buffer.byteLength(piece);
      if (piece !== "") inner.add(piece);
      if (isCut && !hasExceeded) exceeded();
      hasExceeded ||= isCut;
    },
    restart() {
      inner.restart();
      left = maxBytes;
    },
  };
}
