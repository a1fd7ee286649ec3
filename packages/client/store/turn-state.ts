import { type ConversationError, turnFailed } from "../error.ts";
import type { ConversationEvents } from "../intake.ts";
import { errorOf, type PastTurn, responseOf } from "../look-up.ts";
import type { ServerEvents } from "../protocol.ts";
import type { NewText } from "../seen.ts";
import type { Part, TurnState } from "./state.ts";

/** Each function returns the turn after an event. Unchanged parts stay the same objects. */

export function newTurn(key: string, change: Partial<TurnState>): TurnState {
  return { key, query: "", status: "running", parts: [], text: "", isPast: false, ...change };
}

export function isOver({ status }: TurnState): boolean {
  return status === "completed" || status === "stopped" || status === "failed";
}

export function thought(turn: TurnState, event: ServerEvents["thinking"]): TurnState {
  const { stage, query, conversation_type, routed_to, routing, replaces } = event;
  return {
    ...turn,
    stage,
    status: stage === "queued" ? "queued" : "running",
    parts: stepped(turn.parts, event),
    ...defined({ query, conversation_type, routed_to, routing, replaces }),
  };
}

/** Without the keys that have no value. */
function defined<Facts extends object>(facts: Facts): { [Key in keyof Facts]?: NonNullable<Facts[Key]> } {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as Partial<{ [Key in keyof Facts]: NonNullable<Facts[Key]> }>; // its own entries
}

/** A turn that is resumed after a crash reports its steps again. A step's end may be missed while disconnected. */
function stepped(parts: TurnState["parts"], { stage, step, detail, failed }: ServerEvents["thinking"]) {
  if (stage === "answering") return settled(parts, "finished");
  if (step === undefined) return parts;
  const status = stage === "step_started" ? "running" : failed ? "failed" : "finished";
  const part: Part = { type: "step", step, status, ...(detail != null && { detail }) };
  return put(parts, part, (other) => other.type === "step" && other.step === step);
}

export function written(turn: TurnState, type: "text" | "reasoning", { text }: NewText): TurnState {
  const parts = put(turn.parts, { type, text }, (other) => other.type === type);
  return type === "text" ? { ...turn, parts, text } : { ...turn, parts };
}

export function answered(turn: TurnState, event: ServerEvents["response"]): TurnState {
  const { response, query, conversation_type, routed_to, timestamp, metadata } = event;
  const { replaces = turn.replaces, routing = turn.routing, stopped } = metadata;
  return {
    ...turn,
    query,
    conversation_type,
    routed_to,
    routing,
    metadata,
    timestamp,
    replaces,
    text: response,
    status: stopped ? "stopped" : "completed",
    parts: settled(
      response === turn.text ? turn.parts : withText(turn.parts, response),
      stopped ? "failed" : "finished",
    ),
  };
}

export function failed(turn: TurnState, event: ConversationEvents["failed"]): TurnState {
  return { ...turn, status: "failed", error: turnFailed(event), parts: settled(turn.parts, "failed") };
}

/** Gives steps that still run a final status. */
function settled(parts: TurnState["parts"], status: "finished" | "failed"): TurnState["parts"] {
  if (!parts.some(isRunning)) return parts;
  return parts.map((part) => (isRunning(part) ? { ...part, status } : part));
}

function isRunning(part: Part): part is Extract<Part, { type: "step" }> {
  return part.type === "step" && part.status === "running";
}

export function refusedTurn(turn: TurnState, error: ConversationError): TurnState {
  return { ...turn, status: "refused", error };
}

/** A turn with its entry in the history applied. */
export function recorded(turn: TurnState, entry: PastTurn): TurnState {
  const { turn_id, query, status, timestamp, reasoning, response } = entry;
  const parts = reasoning === undefined ? turn.parts : withThoughts(turn.parts, reasoning);
  const known = { ...turn, turn_id, query, timestamp, parts };
  if (status === "queued" || status === "running") return { ...known, status };
  if (status === "failed") {
    const { conversation_type, routed_to } = entry;
    const text = { text: response, parts: withText(parts, response) };
    return failed({ ...known, ...text, conversation_type, routed_to }, errorOf(entry));
  }
  return answered(known, responseOf(entry));
}

const isReasoning = ({ type }: Part) => type === "reasoning";

/** Inserts reasoning before the answer if it was not known yet. */
function withThoughts(parts: TurnState["parts"], text: string): TurnState["parts"] {
  const at = parts.findIndex(({ type }) => type === "text");
  const thoughts: Part = { type: "reasoning", text };
  return at < 0 || parts.some(isReasoning) ? put(parts, thoughts, isReasoning) : parts.toSpliced(at, 0, thoughts);
}

function withText(parts: TurnState["parts"], text: string): TurnState["parts"] {
  const isText = ({ type }: Part) => type === "text";
  return text === "" ? parts.filter((part) => !isText(part)) : put(parts, { type: "text", text }, isText);
}

function put(parts: TurnState["parts"], part: Part, isSame: (other: Part) => boolean): TurnState["parts"] {
  const at = parts.findIndex(isSame);
  return at < 0 ? [...parts, part] : parts.map((other, index) => (index === at ? part : other));
}
