import type { JoinParams, ServerEvents } from "./protocol.ts";

/** What a device has seen last: in the middle of that turn, or its end. */
export type Cursor = NonNullable<JoinParams["resume"]>;

/** What is new of an answer; `restart` voids what was shown of it before. */
export interface NewText {
  turn_id: string;
  /** The whole answer so far. */
  text: string;
  /** The part of it that is new. */
  delta: string;
  restart: boolean;
}

/** The ends of so many turns are known, so that one that is sent again is not shown again. */
const mostEnds = 1000;

/** What this device has seen of its conversation: the answers under way, which turns are over, and the cursor for the next join. */
export class Seen {
  /** For the next join. */
  cursor: Cursor | undefined;
  readonly #texts = new Map<string, string>();
  readonly #over = new Set<string>();

  /** Undefined when nothing of the piece is new, or when something is missing before it: the next join brings that. */
  piece({ turn_id, offset, text: piece, ...mark }: ServerEvents["response_delta"]): NewText | undefined {
    const restart = mark.restart === true;
    const known = restart ? "" : (this.#texts.get(turn_id) ?? "");
    if (this.#over.has(turn_id) || offset > known.length) return undefined;
    const delta = piece.slice(known.length - offset);
    if (delta === "" && !restart) return undefined;
    const text = known + delta;
    this.#texts.set(turn_id, text);
    this.cursor = { turn_id, offset: text.length };
    return { turn_id, text, delta, restart };
  }

  /** What of an answer did not come in pieces: it ended while this device was away. */
  rest({ turn_id, response }: ServerEvents["response"]): NewText | undefined {
    const known = this.#texts.get(turn_id) ?? "";
    if (response === known) return undefined;
    const restart = !response.startsWith(known);
    return { turn_id, text: response, delta: restart ? response : response.slice(known.length), restart };
  }

  /** False when the end of that turn was seen before. What the history tells of an old turn moves no cursor. */
  end(turnId: string, isPast: boolean): boolean {
    if (this.#over.has(turnId)) return false;
    if (!isPast) this.cursor = { turn_id: turnId };
    this.#texts.delete(turnId);
    this.#over.add(turnId);
    const [oldest] = this.#over;
    if (oldest !== undefined && this.#over.size > mostEnds) this.#over.delete(oldest);
    return true;
  }

  isOver(turnId: string): boolean {
    return this.#over.has(turnId);
  }

  /** A new session: nothing more is said of the turns before it. */
  reset(): void {
    this.cursor = undefined;
    this.#texts.clear();
  }
}
