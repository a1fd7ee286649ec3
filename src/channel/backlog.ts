import { setImmediate } from "node:timers/promises";

import type { Member } from "../phoenix/channel.ts";
import type { HistoryStore } from "../store/history.ts";
import type { Outcome, Turn } from "../store/turns.ts";
import { type Cursor, GrowingText } from "../turns/growing-text.ts";
import type { OperatorNote } from "../turns/operator-notes.ts";
import { type TerminalEvent, terminalEvent } from "../turns/terminal-event.ts";
import type { Deliveries } from "./deliveries.ts";
import { noted } from "./operator.ts";
import type { OutboundEvent } from "./outbound.ts";

/** Events queued for a slow member, and the length of their payloads. If there are more, the member is crashed and has to join again. */
const maxQueued = 200;
const maxQueuedUnits = 262_144;

/** Where ended turns are read from, and their deliveries recorded. */
export interface BacklogServices {
  store: { history: Pick<HistoryStore, "turn" | "reasoning"> };
  deliveries: Pick<Deliveries, "acknowledged" | "markSent">;
  /** Why a turn failed. Only for operators. */
  noteOf?: (turnId: string) => OperatorNote | undefined;
}

/** Something to send. `turnId` is set if it belongs to a turn. */
export type Entry =
  | { type: "push"; event: OutboundEvent; payload: object; turnId?: string; isShared?: boolean; units?: number }
  /** `isSent`: whether the store already marks it as sent. */
  | { type: "terminal"; turnId: string; terminal: TerminalEvent; isSent: boolean }
  | TextEntry
  /** The remaining texts and the terminal event of an ended turn. Loaded from the store when it is next, to save memory. */
  | { type: "ending"; turnId: string; rest: Rest[] }
  /** The terminal events that the member has missed, in order. Loaded like `ending`. */
  | { type: "missed"; turnIds: string[] };

/** A text of a turn after the cursor, in pieces of at most `limit` UTF-16 units. */
export interface TextEntry {
  type: "text";
  event: "response_delta" | "reasoning_delta";
  turnId: string;
  text: GrowingText;
  cursor: Cursor;
  limit: number;
}

type Rest = Omit<TextEntry, "type" | "turnId" | "text"> & { restarts: number };

/** The queue of events for one member. While its socket is congested everything waits, and the pieces of a text are merged. */
export class Backlog {
  readonly #services: BacklogServices;
  readonly #member: Member<unknown>;
  readonly #conversationId: string;
  #queue: Entry[] = [];
  /** Waiting for the socket to become writable, or for the store. */
  #isPaused = false;

  constructor(services: BacklogServices, member: Member<unknown>, conversationId: string) {
    this.#services = services;
    this.#member = member;
    this.#conversationId = conversationId;
  }

  /** Whether the text is queued already, with nothing but texts behind it: what is added to it will be sent with it. */
  isQueued(text: GrowingText): boolean {
    for (let at = this.#queue.length - 1; at >= 0; at -= 1) {
      const entry = this.#queue[at];
      if (entry?.type !== "text") return false;
      if (entry.text === text) return true;
    }
    return false;
  }

  add(entry: Entry): void {
    this.#queue.push(entry);
    this.#send();
    if (this.#queue.length === 0) return;
    if (entry.type === "push") entry.units = JSON.stringify(entry.payload).length;
    if (this.#queue.length <= maxQueued && this.#units() <= maxQueuedUnits) return;
    this.#queue = [];
    this.#member.crash();
  }

  #units(): number {
    return this.#queue.reduce((sum, one) => sum + ((one.type === "push" && one.units) || 0), 0);
  }

  /** Removes everything that belongs to these turns. */
  drop(turnIds: readonly string[]): void {
    this.#queue = this.#queue.filter((one) => !("turnId" in one && one.turnId && turnIds.includes(one.turnId)));
  }

  /** The turn has ended: replaces its queued texts and terminal event by an `ending`, which needs no memory for them. */
  unload(turnId: string): void {
    const ofTurn = ({ type, ...one }: Entry) => type !== "push" && "turnId" in one && one.turnId === turnId;
    const own = this.#queue.filter(ofTurn);
    const [first] = own;
    const isBeingRecorded = first === this.#queue[0] && first?.type === "terminal" && !first.isSent;
    if (own.length === 0 || isBeingRecorded) return;
    const rest = own
      .filter((one) => one.type === "text")
      .map(({ event, cursor, limit, text: { restarts } }) => ({ event, cursor, limit, restarts }));
    this.#queue = [...this.#queue.filter((one) => !ofTurn(one)), { type: "ending", turnId, rest }];
  }

  #send(): void {
    for (let next = this.#queue[0]; next && !this.#isPaused; next = this.#queue[0]) {
      if (this.#member.congested) this.#pause((resume) => this.#member.whenWritable(resume));
      else if (next.type === "ending" || next.type === "missed") this.#load(next);
      else if (next.type === "terminal" && !next.isSent) this.#recordSent(next);
      else if (next.type !== "text" || !this.#sendPiece(next)) {
        this.#queue.shift();
        if (next.type === "push") this.#member[next.isShared ? "share" : "push"](next.event, next.payload);
        if (next.type === "terminal") this.#sendTerminal(next);
      }
    }
  }

  #pause(until: (resume: () => void) => void): void {
    this.#isPaused = true;
    until(() => {
      this.#isPaused = false;
      this.#send();
    });
  }

  /** Recorded before it is pushed: if the member returns on another node, that node has to mark it as redelivered. */
  #recordSent(next: Extract<Entry, { type: "terminal" }>): void {
    this.#pause(async (resume) => {
      await this.#services.deliveries.markSent(next.turnId);
      next.isSent = true;
      resume();
    });
  }

  #sendTerminal({ turnId, terminal }: Extract<Entry, { type: "terminal" }>): void {
    const { deliveries, noteOf } = this.#services;
    const { event, payload } = noted(terminal, noteOf?.(turnId));
    this.#member.push(event, payload, () => deliveries.acknowledged(turnId));
  }

  /** Sends the next piece of the text. Returns false if there is none. */
  #sendPiece({ event, turnId, text: whole, cursor, limit }: TextEntry): boolean {
    const piece = whole.read(cursor, limit);
    if (!piece) return false;
    const { offset, text, restart } = piece;
    this.#member.push(event, { turn_id: turnId, offset, text, ...(restart && { restart }) });
    return true;
  }

  /** Loads the next turn and replaces its placeholder. */
  #load(next: Extract<Entry, { type: "ending" | "missed" }>): void {
    const [turnId = "", ...others] = next.type === "missed" ? next.turnIds : [next.turnId];
    this.#pause(async (resume) => {
      try {
        const { history } = this.#services.store;
        const turn = await history.turn(this.#conversationId, turnId);
        const hasThoughts = next.type === "ending" && next.rest.some(({ event }) => event === "reasoning_delta");
        const reasoning = hasThoughts ? await history.reasoning(turnId) : "";
        if (others.length > 0) await setImmediate(); // a hundred turns, each of which may be 1 MiB, hold nobody up
        if (this.#queue[0] === next) {
          const rest: Entry[] = others.length > 0 ? [{ type: "missed", turnIds: others }] : [];
          const isGone = next.type === "missed" && turn?.isSuperseded; // replaced since the member joined
          this.#queue.splice(0, 1, ...(turn && !isGone ? loaded(next, turn, reasoning) : []), ...rest);
        }
        resume();
      } catch {
        this.#queue = [];
        this.#member.crash(); // it rejoins with its cursor
      }
    });
  }
}

function loaded(next: Extract<Entry, { type: "ending" | "missed" }>, turn: Turn, reasoning = ""): Entry[] {
  const { id: turnId, outcome, wasSent: isSent } = turn;
  if (!outcome) return [];
  const terminal = next.type === "missed" && isSent ? redelivery(turn, outcome) : terminalEvent(turn, outcome);
  const end: Entry = { type: "terminal", turnId, terminal, isSent };
  if (next.type === "missed") return [end];
  const texts = next.rest.map(({ restarts, ...rest }): TextEntry => {
    const text = new GrowingText(restarts);
    text.append({ restarts, text: rest.event === "response_delta" ? outcome.response : reasoning });
    return { type: "text", turnId, text, ...rest };
  });
  return [...texts, end];
}

/** The terminal event, marked as sent before. */
function redelivery(turn: Turn, outcome: Outcome): TerminalEvent {
  const { event, payload } = terminalEvent(turn, outcome);
  if (event === "error") return { event, payload: { ...payload, redelivered: true } };
  return { event, payload: { ...payload, metadata: { ...outcome.metadata, redelivered: true } } };
}
