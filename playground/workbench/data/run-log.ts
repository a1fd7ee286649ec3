import { signal } from "@preact/signals";

import type { Events, RunPlace } from "../../../src/workbench/wire/events.ts";
import type { RunEvent } from "../../../src/workbench/wire/runs.ts";
import { workbench } from "../../session/workbench-link.ts";
import { whileJoined } from "./joined.ts";
import { after, type Run } from "./run.ts";

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
    const runs = events.reduce<readonly Run[]>(after, []);
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

function hear(event: RunPlace & RunEvent): void {
  const key = event.replay_id ?? event.turn_id;
  const isFirst = !logs.value.has(key);
  if (isFirst && !("at" in event)) return;
  const runs = after(runLog.of(key), event);
  set(key, runs);
  const run = runs.at(-1);
  if (run && "at" in event) for (const listener of begun) listener(key, run, isFirst);
}

const events = [
  "node_started",
  "call_started",
  "tool_started",
  "node_finished",
  "call_finished",
  "tool_finished",
] as const;
for (const event of events) workbench.on<Events[typeof event]>(event, hear);
whileJoined(
  () => {},
  () => {
    // the end of these runs will not be reported
    const rest = [...logs.value].map(([key, runs]) => [key, runs.filter(({ state }) => state !== "running")] as const);
    logs.value = new Map(rest);
  },
);
