import type { LiveEvent } from "../turns/bus.ts";

/** How long small pieces wait for others. */
const waitMs = 50;

/** In UTF-16 units. So much is not kept waiting. */
const maxUnits = 128;

type Piece = Extract<LiveEvent, { type: "text" | "reasoning" }>;

/** Merges the pieces of texts on their way to other nodes. Everything keeps its order. */
export class Batch {
  readonly #send: (events: LiveEvent[]) => void;
  readonly #merged: () => void;
  #events: LiveEvent[] = [];
  #units = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `merged` is called for each piece that needs no event of its own. */
  constructor(send: (events: LiveEvent[]) => void, merged: () => void) {
    this.#send = send;
    this.#merged = merged;
  }

  add(event: LiveEvent): void {
    const last = this.#events.at(-1);
    if (isPiece(event) && last && isPiece(last) && continues(last, event)) {
      this.#events[this.#events.length - 1] = { ...last, text: last.text + event.text };
      this.#merged();
    } else this.#events.push(event);
    this.#units += unitsOf(event);
    if (this.#units >= maxUnits || !mayWait(event)) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), waitMs);
  }

  flush(): void {
    const events = this.#events;
    this.clear();
    if (events.length > 0) this.#send(events);
  }

  /** Drops what waits. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#events = [];
    this.#units = 0;
  }
}

function isPiece(event: LiveEvent): event is Piece {
  return event.type === "text" || event.type === "reasoning";
}

function continues(last: Piece, next: Piece): boolean {
  const isSame = last.type === next.type && last.turnId === next.turnId && last.restarts === next.restarts;
  return isSame && last.offset + last.text.length === next.offset;
}

function mayWait(event: LiveEvent): boolean {
  return isPiece(event) || (event.type === "tool" && event.call.stage === "output");
}

function unitsOf(event: LiveEvent): number {
  if (isPiece(event)) return event.text.length;
  return event.type === "tool" ? (event.call.delta?.length ?? 0) : 0;
}
