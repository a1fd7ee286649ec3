import type { z } from "zod";

import type { Sampling } from "../../graphs/host.ts";
import type { PromptFile } from "../../graphs/prompt.ts";
import type { Answer } from "../channel/dispatch.ts";
import { rateLimited } from "../channel/refusal.ts";
import { ChannelError } from "../errors.ts";
import type { PromptOnDisk } from "../reload/prompt-folder.ts";
import { check } from "../reload/save-prompt.ts";
import { datasetLine } from "./dataset.ts";
import { lineChanges } from "./line-changes.ts";
import type { inbound } from "./messages.ts";
import type { ModelChecks } from "./model-checks.ts";
import { modelHandlers } from "./model-handlers.ts";
import type { PromptRuns } from "./prompt-runs.ts";
import { type Recorded, recordOf } from "./record.ts";
import type { Replays } from "./replaying.ts";
import { routerView } from "./router-view.ts";
import type { Workbench } from "./services.ts";
import { shownPrompts, shownRecord } from "./show.ts";
import { versionsOf } from "./versions.ts";

const defaultLimit = 50;

type Handlers = {
  [Event in keyof typeof inbound]: (payload: z.infer<(typeof inbound)[Event]>) => Promise<Answer<object>>;
};

/** A draft may use the models that clients may choose, and those that the prompt files use already. */
function checkModel({ settings: { model } }: PromptFile, { allowedModels, prompts }: Workbench): void {
  if (model === undefined || allowedModels.has(model)) return;
  if ([...prompts.current().values()].some(({ settings }) => settings.model === model)) return;
  throw new ChannelError("model_not_allowed", "This server does not offer the model in the prompt's front matter.");
}

function checkSampling(sampling: Sampling | null | undefined, { allowedModels }: Workbench): void {
  if (sampling?.model && !allowedModels.has(sampling.model))
    throw new ChannelError("model_not_allowed", "This server does not offer that model.");
}

/** The handlers of one member; they return the `ok` replies. */
export function handlers(
  workbench: Workbench,
  userId: string,
  { replays, runs, checks }: { replays: Replays; runs: PromptRuns; checks: ModelChecks },
): Handlers {
  const { records, graphs, prompts, services, inspector, mcp, canEdit, limits } = workbench;

  async function recorded(turnId: string): Promise<Recorded> {
    const turn = await records.turn(turnId);
    if (turn?.userId !== userId) throw new ChannelError("not_found", "There is no such turn.");
    return await recordOf(records, turn);
  }

  function fileOf(name: string): PromptOnDisk {
    const file = prompts.files().find((one) => one.name === name);
    if (!file) throw new ChannelError("not_found", "No graph uses a prompt of this name.");
    return file;
  }

  return {
    ...modelHandlers(workbench, userId, checks),
    async get_conversations({ limit }) {
      const found = await records.conversations(userId, limit ?? defaultLimit);
      const conversations = found.map(({ id, title, updatedAt, turns, isRunning, isWaiting }) => ({
        conversation_id: id,
        title,
        updated_at: updatedAt,
        turns,
        running: isRunning,
        waiting: isWaiting,
      }));
      return { response: { conversations } };
    },
    async get_prompts() {
      return { response: { can_edit: canEdit, prompts: shownPrompts(graphs.current(), prompts) } };
    },
    async check_prompt({ name, source }) {
      return { response: { hash: check(name, source).hash } };
    },
    async save_prompt({ name, source, was }) {
      if (!canEdit)
        throw new ChannelError(
          "not_allowed",
          "Saving prompts is off for this key. Set PLAYGROUND_EDIT=1 or use `npm run dev`, and name the key in WORKBENCH_KEYS.",
        );
      return { response: { hash: prompts.save(name, source, was).hash } };
    },
    async get_mcp_servers() {
      return { response: { servers: mcp() } };
    },
    async get_turn({ turn_id }) {
      const record = await recorded(turn_id);
      const router = routerView(graphs.current(), services.routing, record);
      return { response: { ...shownRecord(graphs.current(), record), router, runs: inspector.eventsOf(turn_id) } };
    },
    async replay({ turn_id, prompts: edited, llm_config, tools, from }) {
      const waitMs = await limits.messages(userId);
      if (waitMs > 0) throw rateLimited(waitMs);
      checkSampling(llm_config, workbench);
      for (const [name, source] of Object.entries(edited ?? {})) checkModel(check(name, source), workbench);
      const changes = {
        prompts: edited ?? {},
        sampling: llm_config ?? undefined,
        tools: tools ?? undefined,
        from: from ?? undefined,
      };
      const { replayId, begin } = replays.start(await recorded(turn_id), changes);
      return { response: { replay_id: replayId }, after: begin };
    },
    async stop_replay({ replay_id }) {
      return { response: { stopped: replays.stop(replay_id) } };
    },
    async run_prompt({ name, source, last, llm_config }) {
      checkSampling(llm_config, workbench);
      const file = source ? check(name, source) : fileOf(name).used;
      if (file && source) checkModel(file, workbench);
      const turns = await records.usesOf(userId, name, last);
      if (turns.length === 0) throw new ChannelError("not_found", "No answered turn of yours used this prompt yet.");
      const changed = { prompts: file ? { [name]: file.source } : {}, sampling: llm_config ?? undefined };
      const { runId, begin } = runs.start(turns, changed);
      return { response: { run_id: runId, turns: turns.length }, after: begin };
    },
    async stop_run({ run_id }) {
      return { response: { stopped: runs.stop(run_id) } };
    },
    async get_versions({ name }) {
      return { response: { versions: await versionsOf(records, userId, fileOf(name)) } };
    },
    async compare({ before, after }) {
      return { response: { lines: lineChanges(before, after) } };
    },
    async get_dataset_line({ turn_id }) {
      return { response: { line: JSON.stringify(datasetLine(await recorded(turn_id))) } };
    },
  };
}
