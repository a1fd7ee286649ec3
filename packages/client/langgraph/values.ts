import type { ConversationState, Part, TurnState } from "../store/state.ts";

type PartOf<Type extends Part["type"]> = Extract<Part, { type: Type }>;
type Step = PartOf<"step">;
type Tool = PartOf<"tool">;
type Request = PartOf<"request">;

/** What `stream.values` has. */
export interface ConversationValues extends Record<string, unknown> {
  messages: ConversationMessage[];
  /** Oldest first. */
  turns: readonly TurnValues[];
  /** What the waiting turn still asks. `stream.respond(answer, { interruptId })` answers one. */
  requests: readonly Request[];
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
  /** All that it has asked. */
  requests: readonly Request[];
  /** What its graph wrote for pages. */
  custom: readonly unknown[];
}

/** A message as LangChain writes it. */
export type ConversationMessage = {
  type: "human" | "ai" | "system" | "tool";
  id?: string;
  content: string | Block[];
  tool_calls?: { type: "tool_call"; id: string; name: string; args: unknown }[];
  /** Of the result of a tool call. */
  tool_call_id?: string;
  name?: string;
  status?: "success" | "error";
  response_metadata?: Record<string, unknown>;
  usage_metadata?: { input_tokens: number; output_tokens: number; total_tokens: number };
};

export type Block = { type: "text"; text: string } | { type: "reasoning"; reasoning: string };

/** A turn as the hook shows it. */
export interface TurnView {
  turn: TurnState;
  blocks: readonly Block[];
  tools: readonly Tool[];
  isOver: boolean;
  values: TurnValues;
}

/** `before` is the view of the same turn before it changed. */
export function viewOf(turn: TurnState, question: string, before?: TurnView): TurnView {
  const { key, query: _query, parts, text: _text, isPast: _isPast, ...rest } = turn;
  const of = <Type extends Part["type"]>(type: Type) =>
    parts.filter((part): part is PartOf<Type> => part.type === type);
  const custom = of("custom").map(({ data }) => data);
  const lists = { steps: of("step"), requests: of("request"), custom };
  const values = { ...rest, question, answer: `${key}:answer`, ...lists };
  return {
    turn,
    blocks: parts.flatMap(blockOf),
    tools: of("tool"),
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
    const [one, other] = [before[name], after[name]];
    if (Array.isArray(one) && Array.isArray(other) ? !isSameList(one, other) : one !== other) return false;
  }
  return true;
}

export function isSameList(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length === after.length && before.every((one, index) => one === after[index]);
}

/** The messages of a turn, as LangGraph's server has them. The answer is left out until its first word. */
export function messagesOf({ turn, values, blocks, tools }: TurnView): ConversationMessage[] {
  const question: ConversationMessage = { type: "human", id: values.question, content: turn.query };
  const calls = tools.flatMap((tool) => callOf(tool, turn.key));
  if (blocks.length === 0) return [question, ...calls];
  const answer: ConversationMessage = {
    type: "ai",
    id: values.answer,
    content: [...blocks],
    response_metadata: { output_version: "v1", ...turn.metadata },
    ...(turn.metadata && { usage_metadata: usageOf(turn.metadata.usage) }),
  };
  return [question, ...calls, answer];
}

/** A call and, once it is over, its result. */
function callOf(tool: Tool, key: string): ConversationMessage[] {
  const { tool_call_id, tool_name: name, status, input = {}, output, message } = tool;
  const call: ConversationMessage = {
    type: "ai",
    id: `${key}:call:${tool_call_id}`,
    content: "",
    tool_calls: [{ type: "tool_call", id: tool_call_id, name, args: input }],
  };
  if (status === "running") return [call];
  const text = message ?? (typeof output === "string" ? output : JSON.stringify(output ?? null));
  const result = status === "failed" ? "error" : "success";
  return [
    call,
    { type: "tool", id: `${key}:result:${tool_call_id}`, tool_call_id, name, content: text, status: result },
  ];
}

function usageOf({ input_tokens, output_tokens }: NonNullable<TurnState["metadata"]>["usage"]) {
  return { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
}
