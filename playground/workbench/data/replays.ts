import { signal } from "@preact/signals";

import type { ReplayResult } from "../../../src/workbench/wire/turns.ts";
import { workbench } from "../../session/workbench-link.ts";
import { whileJoined } from "./joined.ts";

export interface Replay {
  id: string;
  turnId: string;
  /** What differs from the turn: prompts, and settings with their values. */
  changes: string[];
  state: "running" | "finished" | "stopped" | "failed";
  stage: string;
  text: string;
  result?: ReplayResult;
  /** Why it failed. */
  message?: string;
}

export interface ReplayRequest {
  turn_id: string;
  prompts?: Record<string, string>;
  llm_config?: Record<string, unknown>;
  /** Default: `recorded`. */
  tools?: "recorded" | "live";
  from?: string;
}

const all = signal<readonly Replay[]>([]);

/** The replays started on this page, with their progress and result. */
export const replays = {
  /** Newest first. */
  of: (turnId: string) => all.value.filter((replay) => replay.turnId === turnId).toReversed(),
  find: (id: string | undefined) => all.value.find((replay) => replay.id === id),
  async start(request: ReplayRequest): Promise<void> {
    const { replay_id: id } = await workbench.push<{ replay_id: string }>("replay", request);
    const changes = changesOf(request);
    all.value = [...all.value, { id, turnId: request.turn_id, changes, state: "running", stage: "started", text: "" }];
  },
  stop: (id: string) => workbench.push("stop_replay", { replay_id: id }),
};

function changesOf({ prompts = {}, llm_config = {}, tools, from }: ReplayRequest): string[] {
  const settings = Object.entries(llm_config).map(([name, value]) => `${name.replace("_", " ")} ${value}`);
  return [
    ...Object.keys(prompts),
    ...settings,
    ...(tools === "live" ? ["live tools"] : []),
    ...(from ? [`from ${from}`] : []),
  ];
}

function update(id: string, change: (replay: Replay) => Partial<Replay>): void {
  all.value = all.value.map((replay) => (replay.id === id ? { ...replay, ...change(replay) } : replay));
}

interface Failed {
  replay_id: string;
  code?: string;
  message: string;
}

function failed({ replay_id, code, message }: Failed): void {
  update(replay_id, () => ({ state: code === "stopped" ? "stopped" : "failed", message }));
}

workbench.on<{ replay_id: string; stage: string; step?: string }>("replay_progress", ({ replay_id, stage, step }) =>
  update(replay_id, () => ({ stage: step ?? stage })),
);
workbench.on<{ replay_id: string; text: string; restart?: true }>("replay_delta", ({ replay_id, text, restart }) =>
  update(replay_id, (replay) => ({ stage: "answering", text: `${restart ? "" : replay.text}${text}` })),
);
workbench.on<ReplayResult>("replay_finished", (result) =>
  update(result.replay_id, () => ({ state: "finished", result })),
);
workbench.on("replay_failed", failed);
whileJoined(
  () => {},
  () => {
    for (const { id, state } of all.value)
      if (state === "running") failed({ replay_id: id, message: "The connection was lost." });
  },
);
