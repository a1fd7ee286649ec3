import type { RunEvent, RunFinished, RunStarted } from "../../../src/workbench/wire/runs.ts";

/** `waiting`: it has asked a person, and runs again with the answer. */
export type RunState = "running" | "waiting" | "done" | "failed";

/** A run of a node, a request to a model, a tool call, or a time in which the turn waited. Times are in ms on the server's clock. */
export interface Run {
  id: string;
  kind: "node" | "call" | "tool" | "wait";
  /** For a tool call, the node that makes it. */
  path: string[];
  /** The tool. */
  name?: string;
  /** The call. */
  callId?: string;
  at: number;
  /** The page's clock when it heard of the start. */
  heardAt: number;
  state: RunState;
  ms?: number;
  input?: unknown;
  output?: unknown;
  error?: string;
}

const kinds = { node_started: "node", call_started: "call", tool_started: "tool" } as const;

/** The runs after an event. */
export function after(runs: readonly Run[], event: RunEvent): readonly Run[] {
  return "at" in event ? began(runs, event) : ended(runs, event);
}

function began(runs: readonly Run[], event: RunStarted): Run[] {
  const run: Run = {
    id: event.run_id,
    kind: kinds[event.event],
    path: event.path,
    at: Date.parse(event.at),
    heardAt: performance.now(),
    state: "running",
    ...("input" in event && { input: event.input }),
    ...(event.event === "tool_started" && { name: event.tool_name, callId: event.tool_call_id }),
  };
  const asked = runs.find((one) => one.state === "waiting" && isSame(one, run));
  return [...runs.map((one) => (one === asked ? { ...one, state: "done" as const } : one)), run];
}

function isSame(one: Run, other: Run): boolean {
  return one.kind === other.kind && one.callId === other.callId && one.path.join(".") === other.path.join(".");
}

function ended(runs: readonly Run[], event: RunFinished): Run[] {
  const { run_id, ms, error } = event;
  const waits = "waits" in event && event.waits;
  const state = error !== undefined ? "failed" : waits ? "waiting" : "done";
  const output = "output" in event ? event.output : undefined;
  return runs.map((run) => (run.id === run_id ? { ...run, output, ms, error, state } : run));
}
