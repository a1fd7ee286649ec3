import type { JsonObject } from "../../graphs/host.ts";
import type { Member } from "../socket/channel.ts";
import type { TerminalEvent, Turn } from "../store/store.ts";
import type { LiveEvent } from "../turns/live.ts";
import type { Cursor, LiveTurn } from "../turns/live-turn.ts";
import type { OutboundEvent } from "./outbound.ts";

/** The longest piece of an answer in one frame, in UTF-16 units. */
const longestPiece = 16_384;

/** So many events wait for a member that reads slowly; one more and it has to join again. */
const mostWaiting = 200;

/** Is told what became of a terminal event that a member was sent. */
export type Delivery = (turnId: string, delivery: "sent" | "acknowledged") => void;

/** What is to be sent; `turnId` where it is about a turn. */
type Waiting =
  | { type: "push"; event: OutboundEvent; payload: object; turnId?: string; isTerminal?: boolean }
  | { type: "text"; turn: LiveTurn; turnId: string; cursor: Cursor };

/**
 * What one member sees of its conversation, in one order. Until it is opened, events are held back; while the member reads
 * slowly, its deltas are merged and everything else waits.
 */
export class Viewer {
  readonly #member: Member<unknown>;
  readonly #delivery: Delivery;
  #waiting: Waiting[] = [];
  /** Where it stands in which turn. */
  #cursor: Cursor | undefined;
  #cursorOf: string | undefined;
  /** What happened before the member was shown what it missed; undefined once it was. */
  #heldBack: LiveEvent[] | undefined = [];
  #waitsForSocket = false;

  constructor(member: Member<unknown>, delivery: Delivery) {
    this.#member = member;
    this.#delivery = delivery;
  }

  see(event: LiveEvent): void {
    if (!this.#heldBack) this.#show(event);
    // Text is read from the turn itself when the member is shown what it missed.
    else if (event.type !== "text") this.#heldBack.push(event.type === "ended" ? { ...event, turn: undefined } : event);
  }

  push(event: OutboundEvent, payload: object): void {
    this.#wait({ type: "push", event, payload });
  }

  terminal(turnId: string, { event, payload }: TerminalEvent): void {
    this.#wait({ type: "push", event, payload, turnId, isTerminal: true });
  }

  /** Shows a running turn to a member that joins in its middle: its stage, then the answer from the offset on. */
  catchUp(turn: LiveTurn, offset: number | undefined): void {
    this.#stage(turn.id, turn.stage);
    const isNew = turn.restarts === 0 && turn.length === 0;
    const fits = turn.restarts === 0 && offset !== undefined && offset <= turn.length;
    this.#follow(turn, isNew || fits ? { restarts: 0, offset: fits ? offset : 0 } : { restarts: -1, offset: 0 });
    if (turn.length > 0) this.#text(turn);
  }

  /** From here on the member sees what happens: first what it missed, then what was held back meanwhile. */
  open(missed: Turn[], showMissed: () => void): void {
    const heldBack = this.#heldBack ?? [];
    this.#heldBack = undefined;
    showMissed();
    const shown = new Set(missed.map(({ id }) => id));
    for (const event of heldBack) {
      if (!(event.type === "ended" && shown.has(event.turnId))) this.#show(event);
    }
  }

  #show(event: LiveEvent): void {
    switch (event.type) {
      case "stage":
        this.#stage(event.turnId, event.stage);
        break;
      case "text":
        this.#text(event.turn);
        break;
      case "ended":
        if (event.turn) this.#text(event.turn);
        this.terminal(event.turnId, event.terminal);
        break;
      case "reset":
        this.#waiting = this.#waiting.filter(({ turnId }) => !turnId || !event.turnIds.includes(turnId));
        this.push("conversation_reset", event.payload);
        break;
      case "notice":
        if (event.except !== this.#member) this.push(event.event, event.payload);
        break;
      default:
        event satisfies never;
    }
  }

  #stage(turnId: string, stage: JsonObject): void {
    this.#wait({ type: "push", event: "thinking", payload: { turn_id: turnId, ...stage }, turnId });
  }

  #text(turn: LiveTurn): void {
    const cursor = this.#cursorOf === turn.id ? this.#cursor : undefined;
    const last = this.#waiting.at(-1);
    if (last?.type === "text" && last.turn === turn) return;
    this.#wait({
      type: "text",
      turn,
      turnId: turn.id,
      cursor: cursor ?? this.#follow(turn, { restarts: 0, offset: 0 }),
    });
  }

  #follow(turn: LiveTurn, cursor: Cursor): Cursor {
    this.#cursorOf = turn.id;
    this.#cursor = cursor;
    return cursor;
  }

  #wait(waiting: Waiting): void {
    this.#waiting.push(waiting);
    if (this.#waiting.length > mostWaiting) {
      this.#waiting = [];
      this.#member.crash();
    } else this.#send();
  }

  #send(): void {
    if (this.#waitsForSocket) return;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (this.#member.congested) {
        this.#waitsForSocket = true;
        this.#member.whenWritable(() => {
          this.#waitsForSocket = false;
          this.#send();
        });
        return;
      }
      if (next.type === "text" && this.#piece(next.turn, next.cursor)) continue;
      this.#waiting.shift();
      if (next.type === "push") this.#push(next);
    }
  }

  #push({ event, payload, turnId, isTerminal }: Extract<Waiting, { type: "push" }>): void {
    if (isTerminal && turnId) {
      this.#member.push(event, payload, () => this.#delivery(turnId, "acknowledged"));
      this.#delivery(turnId, "sent");
    } else this.#member.push(event, payload);
  }

  /** Sends one piece of the answer; false when there is none left. */
  #piece(turn: LiveTurn, cursor: Cursor): boolean {
    const piece = turn.read(cursor, longestPiece);
    if (!piece) return false;
    const { offset, text, restart } = piece;
    this.#member.push("response_delta", { turn_id: turn.id, offset, text, ...(restart && { restart }) });
    return true;
  }
}
