import type { JsonObject } from "../../graphs/host.ts";
import type { Member } from "../socket/channel.ts";
import type { TerminalEvent, Turn } from "../store/store.ts";
import type { TurnEvent } from "../turns/live.ts";
import type { Cursor, LiveTurn } from "../turns/live-turn.ts";

/** The longest piece of an answer in one frame, in UTF-16 units. */
const longestPiece = 16_384;

/** So many events wait for a member that reads slowly; one more and it has to join again. */
const mostWaiting = 200;

/** Is told what became of a terminal event that a member was sent. */
export type Delivery = (turnId: string, delivery: "sent" | "acknowledged") => void;

type Waiting =
  | { type: "push"; event: string; payload: object; acknowledged?: () => void }
  | { type: "text"; turn: LiveTurn; cursor: Cursor };

/**
 * What one member sees of its conversation. Until it is opened, events are held back; while the member reads slowly,
 * its deltas are merged and everything else waits in order.
 */
export class Viewer {
  readonly #member: Member<unknown>;
  readonly #delivery: Delivery;
  #waiting: Waiting[] = [];
  #cursor: Cursor = { restarts: 0, offset: 0 };
  #cursorOf: string | undefined;
  /** What happened before the member was shown what it missed; undefined once it was. */
  #heldBack: TurnEvent[] | undefined = [];
  #waitsForSocket = false;

  constructor(member: Member<unknown>, delivery: Delivery) {
    this.#member = member;
    this.#delivery = delivery;
  }

  see(event: TurnEvent): void {
    if (this.#heldBack) this.#holdBack(event);
    else this.#show(event);
  }

  #show(event: TurnEvent): void {
    switch (event.type) {
      case "stage":
        this.push("thinking", { turn_id: event.turnId, ...event.stage });
        break;
      case "text":
        this.#text(event.turn);
        break;
      case "ended":
        if (event.turn) this.#text(event.turn);
        this.#cursorOf = undefined;
        this.terminal(event.turnId, event.terminal);
        break;
      default:
        event satisfies never;
    }
  }

  push(event: string, payload: object, acknowledged?: () => void): void {
    this.#wait({ type: "push", event, payload, acknowledged });
  }

  terminal(turnId: string, { event, payload }: TerminalEvent): void {
    this.push(event, payload, () => this.#delivery(turnId, "acknowledged"));
    this.#delivery(turnId, "sent");
  }

  /** Shows a running turn to a member that joins in its middle: its stage, then the answer from the cursor on. */
  catchUp(turn: LiveTurn, offset: number | undefined): void {
    this.push("thinking", { turn_id: turn.id, ...turn.stage });
    const isNew = turn.restarts === 0 && turn.length === 0;
    const fits = turn.restarts === 0 && offset !== undefined && offset <= turn.length;
    this.#follow(turn, isNew || fits ? { restarts: 0, offset: fits ? offset : 0 } : { restarts: -1, offset: 0 });
    if (turn.length > 0) this.#wait({ type: "text", turn, cursor: this.#cursor });
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

  /** The text is left out: it is read from the turn itself when the member is shown what it missed. */
  #holdBack(event: TurnEvent): void {
    if (event.type !== "text") this.#heldBack?.push(event.type === "ended" ? { ...event, turn: undefined } : event);
  }

  #text(turn: LiveTurn): void {
    if (this.#cursorOf !== turn.id) this.#follow(turn, { restarts: 0, offset: 0 });
    const last = this.#waiting.at(-1);
    if (last?.type === "text" && last.turn === turn) return;
    this.#wait({ type: "text", turn, cursor: this.#cursor });
  }

  #follow(turn: LiveTurn, cursor: Cursor): void {
    this.#cursorOf = turn.id;
    this.#cursor = cursor;
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
      if (next.type === "push") this.#member.push(next.event, next.payload, next.acknowledged);
      else if (this.#piece(next.turn, next.cursor)) continue;
      this.#waiting.shift();
    }
  }

  /** Sends one piece of the answer; false when there is none left. */
  #piece(turn: LiveTurn, cursor: Cursor): boolean {
    const piece = turn.read(cursor, longestPiece);
    if (!piece) return false;
    const { offset, text, restart } = piece;
    const payload: JsonObject = { turn_id: turn.id, offset, text };
    if (restart) payload.restart = true;
    this.#member.push("response_delta", payload);
    return true;
  }
}
