import type { JoinParams, ServerEvents } from "./protocol.ts";

/** The last thing a device has seen: a position in a turn's answer, or a turn's end if there is no `offset`. */
export type Cursor = NonNullable<JoinParams["resume"]>;

/** New text of an answer, or of the reasoning before it. `restart`: it begins again; discard the text shown so far. */
export interface NewText {
  turn_id: string;
  /** The whole text so far. */
  text: string;
  /** The new part. With `restart`, the whole text. */
  delta: string;
  restart: boolean;
}

/** How many ended turns are remembered, to recognize responses that are sent again. */
const maxEndedTurns = 1000;

/** What this device has seen: the text of unfinished answers, which turns ended, and where to resume. */
export class Seen {
  /** Where to resume, for the next join. */
  cursor: Cursor | undefined;
  readonly #texts = new Map<string, string>();
  readonly #reasoning = new Map<string, string>();
  readonly #ended = new Set<string>();

  /** The new text in a delta. Undefined if there is none, or if an earlier delta is missing, which the next join brings. */
  piece(event: ServerEvents["response_delta"]): NewText | undefined {
    const added = this.#added(this.#texts, event);
    if (added) this.cursor = { turn_id: added.turn_id, offset: added.text.length };
    return added;
  }

  /** The same for the reasoning, which each join brings as a whole. */
  thought(event: ServerEvents["reasoning_delta"]): NewText | undefined {
    return this.#added(this.#reasoning, event);
  }

  #added(
    texts: Map<string, string>,
    { turn_id, offset, text: piece, ...mark }: ServerEvents["response_delta"],
  ): NewText | undefined {
    const restart = mark.restart === true;
    const known = restart ? "" : (texts.get(turn_id) ?? "");
    if (this.#ended.has(turn_id) || offset > known.length) return undefined;
    const delta = piece.slice(known.length - offset);
    if (delta === "" && !restart) return undefined;
    const text = known + delta;
    texts.set(turn_id, text);
    return { turn_id, text, delta, restart };
  }

  /** The part of a finished answer that this device has not received as deltas. */
  rest({ turn_id, response }: ServerEvents["response"]): NewText | undefined {
    const known = this.#texts.get(turn_id) ?? "";
    if (response === known) return undefined;
    const restart = !response.startsWith(known);
    return { turn_id, text: response, delta: restart ? response : response.slice(known.length), restart };
  }

  /** Marks a turn as ended. False if it already was. An old turn from the history (`isPast`) does not move the cursor. */
  end(turnId: string, isPast: boolean): boolean {
    if (this.#ended.has(turnId)) return false;
    if (!isPast) this.cursor = { turn_id: turnId };
    this.#texts.delete(turnId);
    this.#reasoning.delete(turnId);
    this.#ended.add(turnId);
    const [oldest] = this.#ended;
    if (oldest !== undefined && this.#ended.size > maxEndedTurns) this.#ended.delete(oldest);
    return true;
  }

  hasEnded(turnId: string): boolean {
    return this.#ended.has(turnId);
  }

  /** Call when a new session starts: its predecessor's turns send no more events. */
  reset(): void {
    this.cursor = undefined;
    this.#texts.clear();
    this.#reasoning.clear();
  }
}
