import type { ToolCall } from "../turns/bus.ts";
import type { LiveCall } from "../turns/live-turn.ts";

/** In UTF-16 units, as JSON. What a member that joins in the middle is told of the tool calls of a turn, the newest first. */
const maxUnits = 131_072;

/** The tool calls of a running turn, for a member that joins. Older ones come without their texts if all together would be too long. */
export function callsSoFar(calls: ReadonlyMap<string, LiveCall>): ToolCall[] {
  let left = maxUnits;
  const told = [...calls.values()].reverse().map((call) => {
    const events = eventsOf(call);
    left -= JSON.stringify(events).length;
    return left >= 0 ? events : events.map(withoutTexts);
  });
  return told.reverse().flat();
}

function eventsOf({ started, delta, ended }: LiveCall): ToolCall[] {
  const { tool_call_id, tool_name } = started;
  const output: ToolCall = { tool_call_id, tool_name, stage: "output", delta };
  return [started, ...(delta ? [output] : []), ...(ended ? [ended] : [])];
}

function withoutTexts({ tool_call_id, tool_name, stage, message }: ToolCall): ToolCall {
  return { tool_call_id, tool_name, stage, ...(message !== undefined && { message }) };
}
