import type { DynamicToolUIPart } from "ai";

import type { Part, RequestPart, ToolPart, TurnState } from "../store/state.ts";

interface Action {
  name: string;
  args?: unknown;
}

/** The tool calls that a request of LangChain's human-in-the-loop middleware asks about. Other requests have none. */
export function actionsOf({ value }: RequestPart): readonly Action[] {
  const { actionRequests, action_requests } = Object(value);
  const actions = actionRequests ?? action_requests;
  return Array.isArray(actions) ? actions : [];
}

/** The id of an approval. */
export function approvalId({ interrupt_id }: RequestPart, at: number): string {
  return `${interrupt_id}:${at}`;
}

type ToolState =
  | "input-available"
  | "approval-requested"
  | "approval-responded"
  | "output-available"
  | "output-error"
  | "output-denied";
type UITool = Extract<DynamicToolUIPart, { state: ToolState }>;

const none: ReadonlyMap<Part, readonly UITool[]> = new Map();

/** The tool parts of a message, by the turn's part they come from. A call that was approved is shown as the part of its approval. */
export function toolPartsOf({ parts, status }: TurnState): ReadonlyMap<Part, readonly UITool[]> {
  if (!parts.some(({ type }) => type === "tool" || type === "request")) return none;
  const shown = new Map<Part, readonly UITool[]>();
  const approved = new Set<ToolPart>();
  // The latest first: a call that was rejected may have been asked for again.
  for (const [at, request] of [...parts.entries()].reverse()) {
    if (request.type !== "request") continue;
    const tools = actionsOf(request).map((action, index) => {
      const id = approvalId(request, index);
      const call = parts
        .slice(at)
        .find((part) => part.type === "tool" && part.tool_name === action.name && !approved.has(part));
      if (call?.type !== "tool") return notRun(action, id, outcomeOf(request, at, { parts, status }));
      approved.add(call);
      return { ...toolPart(call), toolCallId: id, approval: { id, approved: true } } as UITool; // with a result, or without
    });
    shown.set(request, tools);
  }
  for (const part of parts) if (part.type === "tool") shown.set(part, approved.has(part) ? [] : [toolPart(part)]);
  return shown;
}

const common = { type: "dynamic-tool", providerExecuted: true } as const; // so that `useChat` does not wait for the page to run it

/** What is known of a call that has not run. */
function notRun({ name, args = {} }: Action, id: string, outcome: Outcome): UITool {
  const call = { ...common, toolCallId: id, toolName: name, input: args };
  switch (outcome) {
    case "asked":
      return { ...call, state: "approval-requested", approval: { id } };
    case "runs":
      return { ...call, state: "input-available" };
    case "held":
      return { ...call, state: "approval-responded", approval: { id, approved: true } };
    default:
      return { ...call, state: "output-denied", approval: { id, approved: false } };
  }
}

type Outcome = "asked" | "runs" | "held" | "rejected";

/** `held`: it was answered, and another request that was made at the same time was not. */
function outcomeOf({ status }: RequestPart, at: number, turn: Pick<TurnState, "parts" | "status">): Outcome {
  if (status === "open") return "asked";
  if (turn.status === "running") return "runs";
  const isOther = ({ type }: Part) => type !== "request";
  const after = turn.parts.slice(at);
  const end = after.findIndex(isOther);
  const together = turn.parts.slice(turn.parts.slice(0, at).findLastIndex(isOther) + 1, end < 0 ? undefined : at + end);
  return together.some((part) => part.type === "request" && part.status === "open") ? "held" : "rejected";
}

function toolPart({ tool_call_id, tool_name, status, input = {}, output, message }: ToolPart): UITool {
  const call = { ...common, toolCallId: tool_call_id, toolName: tool_name, input };
  if (status === "failed") return { ...call, state: "output-error", errorText: message ?? "The tool failed." };
  if (status === "finished") return { ...call, state: "output-available", output };
  if (output === undefined) return { ...call, state: "input-available" };
  return { ...call, state: "output-available", output, preliminary: true };
}
