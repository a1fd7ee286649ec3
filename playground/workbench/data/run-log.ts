import { signal } from "@preact/signals";

import type { RunEvent, RunFinished, RunStarted } from "../../../src/workbench/wire/runs.ts";
import { workbench } from "../../session/workbench-link.ts";
import { whileJoined } from "./joined.ts";

/** A run of a node, or a request to a model. Times are in ms on the server's clock. */
export interface Run {
  id: string;
  kind: "node" | "call";
  path: string[];
  at: number;
  /** The page's clock when it heard of the start. */
  heardAt: number;
  state: "running" | "done" | "failed";
  ms?: number;
  input?: unknown;
  output?: unknown;
  error?: string;
}

/** How many turns and replays are kept. */
const maxLogs = 40;

const logs = signal<ReadonlyMap<string, readonly Run[]>>(new Map());
type Begun = (key: string, run: Run, isFirst: boolean) => void;
const begun = new Set<Begun>();

/** What ran in each turn and replay, ordered by start time. */
export const runLog = {
  has: (key: string | undefined) => key !== undefined && logs.value.has(key),
  of: (key: string | undefined) => logs.value.get(key ?? "") ?? [],
  onBegin(listener: Begun): () => void {
    begun.add(listener);
    return () => begun.delete(listener);
  },
  /** Adds what the server has kept of a turn: the page may not have heard of all of it. */
  take(turnId: string, events: readonly RunEvent[]): void {
    if (events.length === 0) return;
    let runs: Run[] = [];
    for (const event of events) {
      const kind = event.event.startsWith("node") ? "node" : "call";
      runs = "at" in event ? [...runs, started(kind, event)] : ended(runs, event);
    }
    const heard = new Map(runLog.of(turnId).map((run) => [run.id, run]));
    const isLater = (run: Run) => heard.get(run.id)?.state === "running" || !heard.has(run.id);
    const kept = runs.filter(isLater);
    const ids = new Set(kept.map(({ id }) => id));
    const own = [...heard.values()].filter(({ id }) => !ids.has(id));
    set(
      turnId,
      [...kept, ...own].toSorted((one, other) => one.at - other.at),
    );
  },
};

function set(key: string, runs: readonly Run[]): void {
  const next = new Map(logs.value).set(key, runs);
  for (const oldest of next.keys()) if (next.size > maxLogs) next.delete(oldest);
  logs.value = next;
}

function started(kind: Run["kind"], { run_id, path, at, input }: Omit<Started, "turn_id">): Run {
  return { id: run_id, kind, path, at: Date.parse(at), heardAt: performance.now(), state: "running", input };
}

function ended(runs: readonly Run[], { run_id, output, ms, error }: Omit<Finished, "turn_id">): Run[] {
  const state = error === undefined ? "done" : "failed";
  return runs.map((run) => (run.id === run_id ? { ...run, output, ms, error, state } : run));
}

function onStart(kind: Run["kind"]) {
  return (event: Started) => {
    const key = event.replay_id ?? event.turn_id;
    const isFirst = !logs.value.has(key);
    const run = started(kind, event);
    set(key, [...runLog.of(key), run]);
    for (const listener of begun) listener(key, run, isFirst);
  };
}

function onEnd(event: Finished): void {
  const key = event.replay_id ?? event.turn_id;
  if (logs.value.has(key)) set(key, ended(runLog.of(key), event));
}

workbench.on("node_started", onStart("node"));
workbench.on("call_started", onStart("call"));
workbench.on("node_finished", onEnd);
workbench.on("call_finished", onEnd);
whileJoined(
  () => {},
  () => {
    // the end of these runs will not be reported
    const rest = [...logs.value].map(([key, runs]) => [key, runs.filter(({ state }) => state !== "running")] as const);
    logs.value = new Map(rest);
  },
);
