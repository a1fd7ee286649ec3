import type { Graphs, Prompts, RunRow, RunTotals } from "./prompts.ts";
import type { RunEvent } from "./runs.ts";
import type { ReplayResult } from "./turns.ts";

/** Where an event about a run belongs. */
export interface RunPlace {
  turn_id: string;
  replay_id?: string;
}

/** The events that the page's panel listens to. */
export interface Events {
  graphs_changed: Graphs;
  prompts_changed: Prompts;
  node_started: RunPlace & RunEvent;
  node_finished: RunPlace & RunEvent;
  call_started: RunPlace & RunEvent;
  call_finished: RunPlace & RunEvent;
  tool_started: RunPlace & RunEvent;
  tool_finished: RunPlace & RunEvent;
  /** The rest is that of `thinking`. */
  replay_progress: { replay_id: string; stage: string; step?: string };
  replay_delta: { replay_id: string; offset: number; text: string; restart?: true };
  replay_finished: ReplayResult;
  replay_failed: { replay_id: string; turn_id: string; code: string; message: string };
  run_row: RunRow;
  run_finished: RunTotals;
}
