import { randomUUID } from "node:crypto";

import type { Member } from "../phoenix/channel.ts";
import type { LiveEvent, ToolCall } from "../turns/bus.ts";
import type { GrowingText } from "../turns/growing-text.ts";
import type { LiveTurn } from "../turns/live-turn.ts";
import { Backlog, type BacklogServices } from "./backlog.ts";
import { callsSoFar } from "./calls-so-far.ts";
import type { OutboundEvent } from "./outbound.ts";
import { type Place, placeAfter, placeAtStart, placeFrom, placeUnknown } from "./place.ts";
import { ToldEnds } from "./told-ends.ts";

/** Maximum length of one delta, in UTF-16 units. Text that a member missed is sent in one piece of any length. */
const maxPieceUnits = 16_384;

/** `catchUp` tells the state that these events have led to. */
const inCatchUp = new Set<LiveEvent["type"]>(["stage", "tool", "requested", "answered"]);

/** Turns a conversation's events into one member's pushes. Events are held back until `open`. */
export class Viewer {
  readonly #backlog: Backlog;
  readonly #showsReasoning: boolean;
  #place: Place | undefined;
  /** The turn before. */
  #former: string | undefined;
  /** Events before `open`; undefined afterwards. */
  #heldBack: { event: LiveEvent; turn: LiveTurn | undefined }[] | undefined = [];
  #id: string | undefined;
  readonly #ends = new ToldEnds();

  constructor(services: BacklogServices, member: Member<unknown>, conversationId: string, showsReasoning = false) {
    this.#backlog = new Backlog(services, member, conversationId);
    this.#showsReasoning = showsReasoning;
  }

  /** Identifies the device on the bus. Created on first use, because most devices never send notices. */
  get id(): string {
    this.#id ??= randomUUID();
    return this.#id;
  }

  see(event: LiveEvent, turn: LiveTurn | undefined): void {
    if (!this.#heldBack) this.#show(event, turn);
    // `open` reads the texts from the turn itself.
    else if (event.type !== "text" && event.type !== "reasoning")
      this.#heldBack.push({ event, turn: event.type === "ended" ? turn : undefined });
  }

  push(event: OutboundEvent, payload: object): void {
    this.#backlog.add({ type: "push", event, payload });
  }

  /** The member joins a node that is behind: it finds these ends in the store, and may have seen a part of the unheard turn. */
  isAhead(ended: readonly string[], unheard: string | undefined): void {
    for (const turnId of ended) this.#ends.add(turnId);
    if (unheard !== undefined) this.#move(placeUnknown(unheard));
  }

  /** Sends the terminal events of these turns. */
  missed(turnIds: string[]): void {
    if (turnIds.length === 0) return;
    for (const turnId of turnIds) this.#ends.add(turnId);
    this.#backlog.add({ type: "missed", turnIds });
  }

  /** Sends a running turn to a member that joins meanwhile: its stage, the whole reasoning, then the answer from the offset on. */
  catchUp(turn: LiveTurn, offset: number | undefined): void {
    const { id, stage, answer, reasoning, calls, requests } = turn;
    if (this.#ends.has(id)) return; // it is among the missed ones
    this.#ofTurn("thinking", id, stage);
    this.#move(placeFrom(turn, offset));
    // What it has seen may be from an attempt that crashed.
    const isVoid = !reasoning && offset !== undefined && answer.restarts > 0;
    if (isVoid && this.#showsReasoning) this.#restart("reasoning_delta", id, "");
    // More may come before it is sent.
    if (reasoning) this.#reasoning(id, reasoning, Math.max(reasoning.length, maxPieceUnits));
    if (answer.length > 0) this.#answer(id, answer, Math.max(answer.length, maxPieceUnits));
    for (const call of callsSoFar(calls)) this.#toolCall(id, call);
    if (requests.length > 0) this.#ofTurn("input_requested", id, { requests });
  }

  /** Sends what the member has missed, then the events that were held back. From now on, events are sent at once. */
  open(missed: readonly string[], showMissed: () => void): void {
    const heldBack = this.#heldBack ?? [];
    this.#heldBack = undefined;
    showMissed();
    for (const { event, turn } of heldBack) {
      const turnId = "turnId" in event ? event.turnId : "";
      const isShown = missed.includes(turnId) || (inCatchUp.has(event.type) && turnId === this.#place?.turnId);
      if (isShown) continue;
      if (turn) this.#move(placeAfter(turn)); // the turn has ended since, and was not caught up with
      this.#show(event, turn);
    }
  }

  #show(event: LiveEvent, turn: LiveTurn | undefined): void {
    if ("turnId" in event && event.type !== "ended" && this.#ends.has(event.turnId)) return; // said too late
    switch (event.type) {
      case "began":
        if (event.isLate && this.#place?.turnId !== event.turnId) this.#move(placeUnknown(event.turnId));
        break;
      case "abandoned":
        break;
      case "stage":
        this.#ofTurn("thinking", event.turnId, event.stage);
        break;
      case "text":
        if (turn?.id === event.turnId) this.#answer(turn.id, turn.answer);
        break;
      case "reasoning":
        if (turn?.id === event.turnId) this.#reasoning(turn.id, turn.reasoning);
        break;
      case "tool":
        this.#toolCall(event.turnId, event.call);
        break;
      case "custom":
        this.#ofTurn("custom", event.turnId, { data: event.data });
        break;
      case "requested":
        this.#ofTurn("input_requested", event.turnId, { requests: event.requests });
        break;
      case "answered":
        this.#ofTurn("input_answered", event.turnId, { interrupt_ids: event.interruptIds });
        break;
      case "ended":
        this.#ended(event, turn);
        break;
      case "reset":
        this.#backlog.drop(event.turnIds);
        this.#share("conversation_reset", event.payload);
        break;
      case "notice":
        if (event.from === undefined || event.from !== this.#id) this.#share(event.event, event.payload);
        break;
      default:
        event satisfies never;
    }
  }

  #ended({ turnId, terminal, late, isSent }: Extract<LiveEvent, { type: "ended" }>, turn: LiveTurn | undefined): void {
    if (!this.#ends.add(turnId)) return; // the member has it, or it is among the missed ones
    if (turn?.id === turnId) {
      this.#reasoning(turnId, turn.reasoning);
      this.#answer(turnId, turn.answer);
    } else if (late) this.#whole(turnId, late);
    this.#backlog.add({ type: "terminal", turnId, terminal, isSent });
    this.#backlog.unload(turnId);
  }

  /** The whole texts of a turn that is not live. What the member has seen of them may be from an earlier attempt. */
  #whole(turnId: string, { answer, reasoning }: { answer: string; reasoning: string }): void {
    const isSeen = this.#place?.turnId === turnId || this.#former === turnId;
    if (this.#showsReasoning && (reasoning !== "" || isSeen)) this.#restart("reasoning_delta", turnId, reasoning);
    if (answer !== "" || isSeen) this.#restart("response_delta", turnId, answer);
  }

  #share(event: OutboundEvent, payload: object): void {
    this.#backlog.add({ type: "push", event, payload, isShared: true });
  }

  #toolCall(turnId: string, call: ToolCall): void {
    this.#ofTurn("tool_call", turnId, call);
  }

  #ofTurn(event: OutboundEvent, turnId: string, payload: object): void {
    this.#backlog.add({ type: "push", event, payload: { turn_id: turnId, ...payload }, turnId });
  }

  #answer(turnId: string, text: GrowingText, limit = maxPieceUnits): void {
    if (this.#backlog.isQueued(text)) return;
    const cursor = this.#placeIn(turnId).answer;
    this.#backlog.add({ type: "text", event: "response_delta", turnId, text, cursor, limit });
  }

  #reasoning(turnId: string, text: GrowingText | undefined, limit = maxPieceUnits): void {
    if (!text || !this.#showsReasoning || this.#backlog.isQueued(text)) return;
    const cursor = this.#placeIn(turnId).reasoning;
    this.#backlog.add({ type: "text", event: "reasoning_delta", turnId, text, cursor, limit });
  }

  #restart(event: "response_delta" | "reasoning_delta", turnId: string, text: string): void {
    const payload = { turn_id: turnId, offset: 0, text, restart: true };
    this.#backlog.add({ type: "push", event, payload, turnId });
  }

  #placeIn(turnId: string): Place {
    return this.#place?.turnId === turnId ? this.#place : this.#move(placeAtStart(turnId));
  }

  #move(place: Place): Place {
    if (this.#place?.turnId !== place.turnId) this.#former = this.#place?.turnId;
    this.#place = place;
    return place;
  }
}
