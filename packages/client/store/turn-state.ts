import { type ConversationError, turnFailed } from "../error.ts";
import type { TurnEvent } from "../feed.ts";
import type { ConversationEvents } from "../intake.ts";
import { errorOf, isOver, type PastTurn, responseOf } from "../look-up.ts";
import { withNewest } from "../newest.ts";
import type { ServerEvents } from "../protocol.ts";
import type { NewText } from "../seen.ts";
import { asked, called, isOpen, put, replied, settled, stepped, withCalls, withText } from "./parts.ts";
import type { TurnState } from "./state.ts";

/** Each function returns the turn after an event. Unchanged parts stay the same objects. */

export function newTurn(key: string, change: Partial<TurnState>): TurnState {
  return { key, query: "", status: "running", parts: [], text: "", isPast: false, ...change };
}

type EventOf<Type extends TurnEvent["type"]> = Extract<TurnEvent, { type: Type }>;

const changes = {
  thinking: thought,
  text: (turn: TurnState, event: NewText) => ({ ...written(turn, "text", event), text: event.text }),
  reasoning: (turn: TurnState, event: NewText) => written(turn, "reasoning", event),
  tool_call: (turn: TurnState, event: EventOf<"tool_call">) => ({ ...turn, parts: called(turn.parts, event) }),
  custom: (turn: TurnState, { data }: EventOf<"custom">) => ({
    ...turn,
    parts: withNewest(turn.parts, { type: "custom", data }),
  }),
  input_requested: (turn: TurnState, event: EventOf<"input_requested">) =>
    underway({ ...turn, parts: asked(turn.parts, event) }),
  input_answered: (turn: TurnState, { interrupt_ids }: EventOf<"input_answered">) =>
    underway({ ...turn, parts: replied(turn.parts, interrupt_ids) }),
  response: answered,
};

/** The events that change a turn. */
export const eventTypes = Object.keys(changes) as (keyof typeof changes)[]; // its own keys

export function changed(turn: TurnState, { type, ...event }: EventOf<keyof typeof changes>): TurnState {
  return isOver(turn) && type !== "response" ? turn : changes[type](turn, event as never); // an event of this type
}

/** It waits as long as a request is open. */
function underway(turn: TurnState): TurnState {
  return { ...turn, status: turn.parts.some(isOpen) ? "waiting" : "running" };
}

function thought(turn: TurnState, event: ServerEvents["thinking"]): TurnState {
  const { stage, query = turn.query, attachments = turn.attachments, replaces = turn.replaces } = event;
  const { conversation_type = turn.conversation_type, routed_to = turn.routed_to, routing = turn.routing } = event;
  return {
    ...(stage === "queued" ? { ...turn, status: "queued" } : underway(turn)),
    stage,
    query,
    attachments,
    replaces,
    conversation_type,
    routed_to,
    routing,
    parts: stepped(turn.parts, event),
  };
}

function written(turn: TurnState, type: "text" | "reasoning", { text }: NewText): TurnState {
  return { ...turn, parts: put(turn.parts, { type, text }) };
}

function answered(turn: TurnState, event: ServerEvents["response"]): TurnState {
  const { metadata } = event;
  return over({ ...concluded(turn, event), metadata }, metadata.stopped ? "stopped" : "completed");
}

/** With what the response says, or the history of a turn that failed. */
function concluded(turn: TurnState, { response: text, metadata, ...facts }: ServerEvents["response"]): TurnState {
  const { replaces = turn.replaces, routing = turn.routing, tool_calls, sources } = metadata;
  const parts = withCalls(text === turn.text ? turn.parts : withText(turn.parts, text), tool_calls);
  return {
    ...turn,
    ...facts,
    replaces,
    routing,
    text,
    parts: sources ? put(parts, { type: "sources", sources }) : parts,
  };
}

function over(turn: TurnState, status: "completed" | "stopped" | "failed"): TurnState {
  const last = status === "completed" ? "finished" : "failed";
  return { ...turn, status, parts: turn.parts.map((part) => settled(part, last)) };
}

export function failed(turn: TurnState, event: ConversationEvents["failed"]): TurnState {
  return { ...over(turn, "failed"), error: turnFailed(event) };
}

export function refusedTurn(turn: TurnState, error: ConversationError): TurnState {
  return { ...turn, status: "refused", error };
}

/** A turn with its entry in the history applied. */
export function recorded(turn: TurnState, entry: PastTurn): TurnState {
  const { turn_id, query, attachments, status, timestamp, reasoning: text } = entry;
  const parts = text === undefined ? turn.parts : put(turn.parts, { type: "reasoning", text }, true);
  const known = { ...turn, turn_id, query, attachments, timestamp, parts };
  if (status === "failed") return failed(concluded(known, responseOf(entry)), errorOf(entry));
  return isOver(entry) ? answered(known, responseOf(entry)) : { ...known, status };
}
