import type { ConversationState, Part, TurnState } from "../store/state.ts";

type Step = Extract<Part, { type: "step" }>;

/** What `stream.values` has. */
export interface ConversationValues extends Record<string, unknown> {
  messages: ConversationMessage[];
  /** Oldest first. */
  turns: readonly TurnValues[];
  connection: ConversationState["connection"];
  /** `transport.loadEarlier()` has more. */
  hasEarlier: boolean;
}

/** A turn without its messages. */
export interface TurnValues extends Omit<TurnState, "key" | "query" | "parts" | "text" | "isPast"> {
  /** The id of the question's message. */
  question: string;
  /** The id of the answer's message, once it has a first word. */
  answer: string;
  steps: readonly Step[];
}

/** A message as LangChain writes it. */
export type ConversationMessage = {
  type: "human" | "ai" | "system";
  id?: string;
  content: string | Block[];
  response_metadata?: Record<string, unknown>;
  usage_metadata?: { input_tokens: number; output_tokens: number; total_tokens: number };
};

export type Block = { type: "text"; text: string } | { type: "reasoning"; reasoning: string };

/** A turn as the hook shows it. */
export interface TurnView {
  turn: TurnState;
  blocks: readonly Block[];
  isOver: boolean;
  values: TurnValues;
}

/** `before` is the view of the same turn before it changed. */
export function viewOf(turn: TurnState, question: string, before?: TurnView): TurnView {
  const { key, query: _query, parts, text: _text, isPast: _isPast, ...rest } = turn;
  const steps = parts.filter((part) => part.type === "step");
  const values = { ...rest, question, answer: `${key}:answer`, steps };
  return {
    turn,
    blocks: parts.flatMap(blockOf),
    isOver: turn.status === "completed" || turn.status === "stopped" || turn.status === "failed",
    values: before && isSame(before.values, values) ? before.values : values,
  };
}

function blockOf(part: Part): Block[] {
  if (part.type === "text" && part.text !== "") return [{ type: "text", text: part.text }];
  return part.type === "reasoning" && part.text !== "" ? [{ type: "reasoning", reasoning: part.text }] : [];
}

/** The values leave out whatever changes with each word. */
function isSame(before: TurnValues, after: TurnValues): boolean {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof TurnValues>;
  for (const name of names) {
    if (name === "steps" ? !isSameList(before.steps, after.steps) : before[name] !== after[name]) return false;
  }
  return true;
}

export function isSameList(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length === after.length && before.every((one, index) => one === after[index]);
}

/** The messages of a turn. The answer is left out until its first word. */
export function messagesOf({ turn, values, blocks }: TurnView): ConversationMessage[] {
  const question: ConversationMessage = { type: "human", id: values.question, content: turn.query };
  if (blocks.length === 0) return [question];
  const answer: ConversationMessage = {
    type: "ai",
    id: values.answer,
    content: [...blocks],
    response_metadata: { output_version: "v1", ...turn.metadata },
    ...(turn.metadata && { usage_metadata: usageOf(turn.metadata.usage) }),
  };
  return [question, answer];
}

function usageOf({ input_tokens, output_tokens }: NonNullable<TurnState["metadata"]>["usage"]) {
  return { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
}
