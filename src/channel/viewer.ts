import type { JsonObject } from "../../graphs/host.ts";
import type { Member } from "../socket/channel.ts";
import type { TerminalEvent } from "../store/store.ts";
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
  | { type: "text"; turn: LiveTurn };

/**
 * What one member sees of its conversation. Before it is opened, events are held back; while the member reads slowly,
 * its deltas are merged and everything else waits in order.
 */
export class Viewer {
  readonly #member: Member<unknown>;
  readonly #delivery: Delivery;
  #waiting: Waiting[] = [];
  #cursor: Cursor = { restarts: 0, offset: 0 };
  #cursorOf: string | undefined;
  #isOpen = false;
  #waitsForSocket = false;

  constructor(member: Member<unknown>, delivery: Delivery) {
    this.#member = member;
    this.#delivery = delivery;
  }

  see(event: TurnEvent): void {
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

  /** Shows a running turn to a member that joins in its middle: its stage, then the answer from `offset` on. */
  catchUp(turn: LiveTurn, cursor: Cursor | undefined): void {
    this.push("thinking", { turn_id: turn.id, ...turn.stage });
    const fits = cursor && cursor.restarts === turn.restarts && cursor.offset <= turn.length;
    this.#follow(turn, fits ? cursor : { restarts: -1, offset: 0 });
    if (turn.length > 0) this.#wait({ type: "text", turn });
  }

  /** From here on the member sees what happens: first what it missed, then what was held back meanwhile. */
  open(showMissed: () => void): void {
    const heldBack = this.#waiting;
    this.#waiting = [];
    showMissed();
    this.#waiting.push(...heldBack);
    this.#isOpen = true;
    this.#send();
  }

  #text(turn: LiveTurn): void {
    if (this.#cursorOf !== turn.id) this.#follow(turn, { restarts: 0, offset: 0 });
    const last = this.#waiting.at(-1);
    if (last?.type === "text" && last.turn === turn) return;
    this.#wait({ type: "text", turn });
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
    if (!this.#isOpen || this.#waitsForSocket) return;
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
      else if (this.#piece(next.turn)) continue;
      this.#waiting.shift();
    }
  }

  /** Sends one piece of the answer; false when there is none left. */
  #piece(turn: LiveTurn): boolean {
    const piece = turn.read(this.#cursor, longestPiece);
    if (!piece) return false;
    const { offset, text, restart } = piece;
    const payload: JsonObject = { turn_id: turn.id, offset, text };
    if (restart) payload.restart = true;
    this.#member.push("response_delta", payload);
    return true;
  }
}
