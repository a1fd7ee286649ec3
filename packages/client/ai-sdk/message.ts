import type { UIMessage } from "ai";

import type { ConversationErrorCode } from "../error.ts";
import type { ServerEvents } from "../protocol.ts";
import type { Part, TurnState, TurnStatus } from "../store/state.ts";

/** A message of `useChat`: a question, or the answer to it. */
export type ConversationUIMessage = UIMessage<ConversationMetadata, ConversationDataParts>;

/** The same for a question and its answer, but only answers have the metadata of the response, such as `usage`. */
export interface ConversationMetadata extends Partial<ServerEvents["response"]["metadata"]> {
  /** Missing until the server has accepted the message. */
  turn_id?: string;
  status: TurnStatus;
  timestamp?: string;
  conversation_type?: TurnState["conversation_type"];
  routed_to?: TurnState["routed_to"];
  /** Why the turn failed, or why the message was refused. */
  error?: { code: ConversationErrorCode; message: string };
}

// Not an interface, because `UIMessage` requires an index signature.
export type ConversationDataParts = {
  /** Which engine answers, and why. At most one in a message. */
  route: Pick<TurnState, "conversation_type" | "routed_to" | "routing">;
  /** A step of the engine. Its part changes when the step ends. */
  step: Pick<Extract<Part, { type: "step" }>, "step" | "status" | "detail">;
};

type UIPart = ConversationUIMessage["parts"][number];

/** The statuses of a turn that has not ended. */
const unfinished: ReadonlySet<TurnStatus> = new Set<TurnStatus>(["sending", "queued", "running", "waiting"]);

export function isUnfinished({ status }: Pick<TurnState, "status">): boolean {
  return unfinished.has(status);
}

/** The question with the given id and, once the server has accepted it, the answer, whose id is the `turn_id`. */
export function messagesOf(turn: TurnState, questionId: string): ConversationUIMessage[] {
  const question: ConversationUIMessage = {
    id: questionId,
    role: "user",
    metadata: outcomeOf(turn),
    parts: [{ type: "text", text: turn.query }],
  };
  if (turn.turn_id === undefined) return [question];
  return [question, { id: turn.turn_id, role: "assistant", metadata: metadataOf(turn), parts: partsOf(turn) }];
}

export function metadataOf(turn: TurnState): ConversationMetadata {
  const { conversation_type, routed_to, metadata } = turn;
  return {
    ...metadata,
    ...outcomeOf(turn),
    ...(conversation_type && { conversation_type }),
    ...(routed_to && { routed_to }),
  };
}

function outcomeOf({ turn_id, status, timestamp, error }: TurnState): ConversationMetadata {
  return {
    status,
    ...(turn_id !== undefined && { turn_id }),
    ...(timestamp !== undefined && { timestamp }),
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}

function partsOf(turn: TurnState): UIPart[] {
  const state = isUnfinished(turn) ? "streaming" : "done";
  const parts = turn.parts.flatMap((part, at): UIPart[] => {
    if (part.type === "step") return [stepPart(part, at)];
    if (part.type !== "text" && part.type !== "reasoning") return [];
    return part.text === "" ? [] : [{ type: part.type, text: part.text, state }];
  });
  return turn.routed_to ? [routePart(turn), ...parts] : parts;
}

export function routePart({ conversation_type, routed_to, routing }: TurnState) {
  const data = { conversation_type, routed_to, ...(routing && { routing }) };
  return { type: "data-route", id: "route", data } as const;
}

/** `at`: the step's index among the turn's parts, which never changes. */
export function stepPart({ type: _type, ...data }: Extract<Part, { type: "step" }>, at: number) {
  return { type: "data-step", id: `step-${at}`, data } as const;
}
