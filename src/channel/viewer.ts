import { randomUUID } from "node:crypto";

import type { JsonObject } from "../../graphs/host.ts";
import type { Member } from "../phoenix/channel.ts";
import type { LiveEvent } from "../turns/bus.ts";
import type { Cursor, LiveTurn } from "../turns/live-turn.ts";
import { Backlog, type BacklogServices } from "./backlog.ts";
import type { OutboundEvent } from "./outbound.ts";

/** Maximum length of one `response_delta`, in UTF-16 units. Text that a member missed is sent in one piece of any length. */
const maxPieceUnits = 16_384;

/** Turns a conversation's events into one member's pushes. Events are held back until `open`. */
export class Viewer {
  readonly #backlog: Backlog;
  /** What was sent of the answer of the turn `#cursorOf`. */
  #cursor: Cursor | undefined;
  #cursorOf: string | undefined;
  /** Events before `open`; undefined afterwards. */
  #heldBack: LiveEvent[] | undefined = [];
  #id: string | undefined;

  constructor(services: BacklogServices, member: Member<unknown>, conversationId: string) {
    this.#backlog = new Backlog(services, member, conversationId);
  }

  /** Identifies the device on the bus. Created on first use, because most devices never send notices. */
  get id(): string {
    this.#id ??= randomUUID();
    return this.#id;
  }

  see(event: LiveEvent, turn: LiveTurn | undefined): void {
    if (!this.#heldBack) this.#show(event, turn);
    // `open` reads the text from the turn itself.
    else if (event.type !== "text") this.#heldBack.push(event);
  }

  push(event: OutboundEvent, payload: object): void {
    this.#backlog.add({ type: "push", event, payload });
  }

  /** Sends the terminal events of these turns. */
  missed(turnIds: string[]): void {
    if (turnIds.length > 0) this.#backlog.add({ type: "missed", turnIds });
  }

  /** Sends a running turn to a member that joins meanwhile: its stage, then the answer from the offset on. */
  catchUp(turn: LiveTurn, offset: number | undefined): void {
    this.#stage(turn.id, turn.stage);
    const isNew = turn.restarts === 0 && turn.length === 0;
    const isValid = turn.restarts === 0 && offset !== undefined && offset <= turn.length;
    this.#follow(turn, isNew || isValid ? { restarts: 0, offset: isValid ? offset : 0 } : { restarts: -1, offset: 0 });
    if (turn.length > 0) this.#text(turn, Math.max(turn.length, maxPieceUnits)); // more may come before it is sent
  }

  /** Sends what the member has missed, then the events that were held back. From now on, events are sent at once. */
  open(missed: readonly string[], showMissed: () => void): void {
    const heldBack = this.#heldBack ?? [];
    this.#heldBack = undefined;
    showMissed();
    for (const event of heldBack) {
      const isShown =
        (event.type === "ended" && missed.includes(event.turnId)) ||
        (event.type === "stage" && event.turnId === this.#cursorOf);
      if (!isShown) this.#show(event, undefined);
    }
  }

  #show(event: LiveEvent, turn: LiveTurn | undefined): void {
    switch (event.type) {
      case "began":
      case "abandoned":
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
    this.#backlog.unload(turnId);
  }

  #stage(turnId: string, stage: JsonObject): void {
    this.#backlog.add({ type: "push", event: "thinking", payload: { turn_id: turnId, ...stage }, turnId });
  }

  #text(turn: LiveTurn, limit = maxPieceUnits): void {
    const cursor = this.#cursorOf === turn.id ? this.#cursor : undefined;
    const { last } = this.#backlog;
    if (last?.type === "text" && last.turn === turn) return;
    this.#backlog.add({
      type: "text",
      turn,
      turnId: turn.id,
      limit,
      cursor: cursor ?? this.#follow(turn, { restarts: 0, offset: 0 }),
    });
  }

  #follow(turn: LiveTurn, cursor: Cursor): Cursor {
    this.#cursorOf = turn.id;
    this.#cursor = cursor;
    return cursor;
  }
}
