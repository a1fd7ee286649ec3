import type { RecordedCall, RecordedWait } from "../store/records.ts";
import type { Turn } from "../store/turns.ts";
import { preview } from "./preview.ts";
import type { ToolCall, Wait } from "./wire/turns.ts";

/** In UTF-16 units, as JSON. Of all tool calls of a turn together; the rest comes without inputs and outputs. */
const maxCallsUnits = 524_288;

/** The tool calls of a turn in the format of the wire. */
export function shownCalls(calls: readonly RecordedCall[], turn: Turn): ToolCall[] {
  let left = maxCallsUnits;
  return calls.map((call) => {
    const shown = shownCall(call, turn);
    left -= JSON.stringify(shown).length;
    return left >= 0 ? shown : { ...shown, input: "…", output: undefined };
  });
}

function shownCall({ key, told, output, startedAt, endedAt }: RecordedCall, { outcome }: Turn): ToolCall {
  const id = String(told.tool_call_id);
  const hasEnded = told.stage === "finished" || told.stage === "failed";
  return {
    tool_call_id: id,
    tool_name: String(told.tool_name),
    path: pathOf(key.endsWith(`|${id}`) ? key.slice(0, -id.length - 1) : ""),
    state: hasEnded ? (told.stage as "finished" | "failed") : outcome ? "stopped" : "running",
    input: preview(told.input),
    ...("output" in told && { output: preview(told.output) }),
    ...(typeof told.message === "string" && { message: told.message }),
    at: iso(startedAt),
    ms: startedAt === undefined || endedAt === undefined ? null : Math.max(0, endedAt - startedAt),
    is_kept: output !== undefined,
  };
}

/** A wait in the format of the wire. One that ended with its turn lasted until then. */
export function shownWait({ questions, askedAt, answeredAt }: RecordedWait, { outcome }: Turn): Wait {
  const isOpen = questions.some(({ answer }) => !answer);
  const endedAt = isOpen ? outcome && Date.parse(outcome.timestamp) : answeredAt;
  return {
    at: iso(askedAt),
    ms: askedAt === undefined || endedAt === undefined ? null : Math.max(0, endedAt - askedAt),
    questions: questions.map(({ interruptId, value, answer }) => ({
      interrupt_id: interruptId,
      value: preview(value),
      ...(answer && { answer: { value: preview(answer.value) } }),
    })),
  };
}

/** `team:<id>|tools:<id>` → `["team", "tools"]`. */
function pathOf(task: string): string[] {
  return task.split("|").flatMap((part) => part.split(":", 1)[0] || []);
}

function iso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
