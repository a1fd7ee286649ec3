import type { TurnRecord, Wait } from "../../../src/workbench/wire/turns.ts";
import type { Run, RunState } from "./run.ts";

const states: Record<TurnRecord["tool_calls"][number]["state"], RunState> = {
  running: "running",
  finished: "done",
  failed: "failed",
  stopped: "failed",
};

/** The tool calls of a turn that is over, from its record: also those that nobody watched. */
export function recordedCalls({ turn, tool_calls }: TurnRecord): Run[] {
  return tool_calls.map((call, index) => ({
    id: `call ${index}`,
    kind: "tool",
    path: [turn.conversation_type ?? "", ...call.path],
    name: call.tool_name,
    callId: call.tool_call_id,
    at: Date.parse(call.at ?? turn.timestamp),
    heardAt: 0,
    state: states[call.state],
    ms: call.ms ?? 0,
    input: call.input,
    output: call.output,
    error: call.message ?? (call.state === "stopped" ? "The turn ended before it did." : undefined),
  }));
}

/** The times in which a turn waited for a person. */
export function recordedWaits({ turn, waits }: TurnRecord): Run[] {
  return waits.map((wait, index) => ({
    id: `wait ${index}`,
    kind: "wait",
    path: ["waits"],
    at: Date.parse(wait.at ?? turn.timestamp),
    heardAt: 0,
    state: isOpen(wait) ? "waiting" : "done",
    ...(isOpen(wait) ? {} : { ms: wait.ms ?? 0 }),
    input: one(wait.questions.map(({ value }) => value)),
    output: one(wait.questions.map(({ answer }) => (answer ? answer.value : "no answer"))),
  }));
}

/** Its turn still waits. */
function isOpen({ ms, questions }: Wait): boolean {
  return ms === null && questions.some(({ answer }) => !answer);
}

function one(values: unknown[]): unknown {
  return values.length === 1 ? values[0] : values;
}
