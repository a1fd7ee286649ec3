import { randomUUID } from "node:crypto";

import type { JsonObject } from "../../graphs/host.ts";
import type { Member } from "../phoenix/channel.ts";
import type { LiveEvent } from "../turns/bus.ts";
import type { Cursor, LiveTurn } from "../turns/live-turn.ts";
import { Backlog, type Keeper } from "./backlog.ts";
import type { OutboundEvent } from "./outbound.ts";

/** The longest piece of an answer in one frame, in UTF-16 units; what a member missed comes in one piece, however long. */
const longestPiece = 16_384;

/** What one member sees of its conversation, in one order. Until it is opened, events are held back. */
export class Viewer {
  readonly #backlog: Backlog;
  /** Where it stands in which turn. */
  #cursor: Cursor | undefined;
  #cursorOf: string | undefined;
  /** What happened before the member was shown what it missed; undefined once it was. */
  #heldBack: LiveEvent[] | undefined = [];
  #id: string | undefined;

  constructor(keeper: Keeper, member: Member<unknown>, conversationId: string) {
    this.#backlog = new Backlog(keeper, member, conversationId);
  }

  /** Names the device on the bus; made when it is first asked for, since most devices never tell the others anything. */
  get id(): string {
    this.#id ??= randomUUID();
    return this.#id;
  }

  see(event: LiveEvent, turn: LiveTurn | undefined): void {
    if (!this.#heldBack) this.#show(event, turn);
    // Text is read from the turn itself when the member is shown what it missed.
    else if (event.type !== "text") this.#heldBack.push(event);
  }

  push(event: OutboundEvent, payload: object): void {
    this.#backlog.add({ type: "push", event, payload });
  }

  /** Shows the ends of turns that the member has not got. */
  missed(turnIds: string[]): void {
    if (turnIds.length > 0) this.#backlog.add({ type: "missed", turnIds });
  }

  /** Shows a running turn to a member that joins in its middle: its stage, then the answer from the offset on. */
  catchUp(turn: LiveTurn, offset: number | undefined): void {
    this.#stage(turn.id, turn.stage);
    const isNew = turn.restarts === 0 && turn.length === 0;
    const fits = turn.restarts === 0 && offset !== undefined && offset <= turn.length;
    this.#follow(turn, isNew || fits ? { restarts: 0, offset: fits ? offset : 0 } : { restarts: -1, offset: 0 });
    if (turn.length > 0) this.#text(turn, turn.length);
  }

  /** From here on the member sees what happens: first what it missed, then what was held back meanwhile. */
  open(missed: readonly string[], showMissed: () => void): void {
    const heldBack = this.#heldBack ?? [];
    this.#heldBack = undefined;
    showMissed();
    for (const event of heldBack) {
      if (!(event.type === "ended" && missed.includes(event.turnId))) this.#show(event, undefined);
    }
  }

  #show(event: LiveEvent, turn: LiveTurn | undefined): void {
    switch (event.type) {
      case "began":
      case "left":
        break;
      case "stage":
        this.#stage(event.turnId, event.stage);
        break;
      case "text":
        if (turn?.id === event.turnId) this.#text(turn);
        break;
      case "ended":
        this.#ended(event, turn);
        break;
      case "reset":
        this.#backlog.drop(event.turnIds);
        this.push("conversation_reset", event.payload);
        break;
      case "notice":
        if (event.from === undefined || event.from !== this.#id) this.push(event.event, event.payload);
        break;
      default:
        event satisfies never;
    }
  }

  #ended({ turnId, terminal }: Extract<LiveEvent, { type: "ended" }>, turn: LiveTurn | undefined): void {
    if (turn?.id === turnId) this.#text(turn);
    this.#backlog.add({ type: "terminal", turnId, terminal });
    this.#backlog.letGo(turnId);
  }

  #stage(turnId: string, stage: JsonObject): void {
    this.#backlog.add({ type: "push", event: "thinking", payload: { turn_id: turnId, ...stage }, turnId });
  }

  #text(turn: LiveTurn, most = longestPiece): void {
    const cursor = this.#cursorOf === turn.id ? this.#cursor : undefined;
    const { last } = this.#backlog;
    if (last?.type === "text" && last.turn === turn) return;
    this.#backlog.add({
      type: "text",
      turn,
      turnId: turn.id,
      most,
      cursor: cursor ?? this.#follow(turn, { restarts: 0, offset: 0 }),
    });
  }

  #follow(turn: LiveTurn, cursor: Cursor): Cursor {
    this.#cursorOf = turn.id;
    this.#cursor = cursor;
    return cursor;
  }
}
