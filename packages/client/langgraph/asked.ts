import type { Screen } from "./screen.ts";
import type { TurnView } from "./values.ts";
import { event, type Sent } from "./wire.ts";

/** Requests to a person that are not in `known`. */
export function requestsOf({ requests }: Screen, known: Screen["requests"] = []): Sent[] {
  const ids = new Set(known.map(({ interrupt_id }) => interrupt_id));
  const added = requests.filter(({ interrupt_id }) => !ids.has(interrupt_id));
  return added.map(({ interrupt_id, value }) => event("input.requested", { interrupt_id, payload: value }));
}

/** What is new in the tool calls of a turn: `stream.toolCalls` shows them. */
export function toolEvents({ tools }: TurnView, before?: TurnView): Sent[] {
  return tools.flatMap((tool) => {
    const { tool_call_id, tool_name, input = {}, output, status, message = "The tool failed." } = tool;
    const known = before?.tools.find((other) => other.tool_call_id === tool_call_id);
    if (known === tool) return [];
    const call = { tool_call_id, tool_name };
    const started = known ? [] : [event("tools", { ...call, event: "tool-started", input })];
    if (status === "finished") return [...started, event("tools", { ...call, event: "tool-finished", output })];
    return status === "failed" ? [...started, event("tools", { ...call, event: "tool-error", message })] : started;
  });
}
