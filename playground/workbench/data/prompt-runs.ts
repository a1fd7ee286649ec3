import { signal } from "@preact/signals";

import type { RunRow, RunTotals } from "../../../src/workbench/wire/prompts.ts";
import { workbench } from "../../session/workbench-link.ts";
import { whileJoined } from "./joined.ts";

/** A run of a prompt over past turns. */
export interface PromptRun {
  id: string;
  /** The prompt. */
  name: string;
  /** Whether a draft was run. */
  isDraft: boolean;
  turns: number;
  rows: readonly RunRow[];
  state: "running" | "finished" | "stopped" | "lost";
  totals?: RunTotals;
}

export interface RunRequest {
  name: string;
  source?: string;
  last: number;
  llm_config?: Record<string, unknown>;
}

const latest = signal<ReadonlyMap<string, PromptRun>>(new Map());

/** Each prompt's latest run on this page. */
export const promptRuns = {
  of: (name: string) => latest.value.get(name),
  async start(request: RunRequest): Promise<void> {
    const { run_id: id, turns } = await workbench.push<{ run_id: string; turns: number }>("run_prompt", request);
    set({ id, name: request.name, isDraft: request.source !== undefined, turns, rows: [], state: "running" });
  },
  stop: (id: string) => workbench.push("stop_run", { run_id: id }),
};

function set(run: PromptRun): void {
  latest.value = new Map(latest.value).set(run.name, run);
}

function find(id: string): PromptRun | undefined {
  return [...latest.value.values()].find((run) => run.id === id);
}

workbench.on<RunRow>("run_row", (row) => {
  const run = find(row.run_id);
  if (run) set({ ...run, rows: [...run.rows, row] });
});
workbench.on<RunTotals>("run_finished", (totals) => {
  const run = find(totals.run_id);
  if (run) set({ ...run, totals, state: totals.stopped ? "stopped" : "finished" });
});
whileJoined(
  () => {},
  () => {
    for (const run of latest.value.values()) if (run.state === "running") set({ ...run, state: "lost" });
  },
);
