import type { z } from "zod";

import type { PromptFile } from "../../graphs/prompt.ts";
import type { Answer } from "../channel/dispatch.ts";
import { rateLimited } from "../channel/refusal.ts";
import { ChannelError } from "../errors.ts";
import { check } from "../reload/save-prompt.ts";
import { datasetLine } from "./dataset.ts";
import type { inbound } from "./messages.ts";
import { type Recorded, recordOf } from "./record.ts";
import type { Replays } from "./replaying.ts";
import type { Workbench } from "./services.ts";
import { shownPrompts, shownRecord } from "./show.ts";

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

/** The handlers of one member; they return the `ok` replies. */
export function handlers(workbench: Workbench, userId: string, replays: Replays): Handlers {
  const { records, graphs, prompts, canEdit, limits, allowedModels } = workbench;

  async function recorded(turnId: string): Promise<Recorded> {
    const turn = await records.turn(turnId);
    if (turn?.userId !== userId) throw new ChannelError("not_found", "There is no such turn.");
    return await recordOf(records, turn);
  }

  return {
    async get_conversations({ limit }) {
      const found = await records.conversations(userId, limit ?? defaultLimit);
      const conversations = found.map(({ id, title, updatedAt, turns, isRunning }) => ({
        conversation_id: id,
        title,
        updated_at: updatedAt,
        turns,
        running: isRunning,
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
    async get_turn({ turn_id }) {
      return { response: shownRecord(graphs.current(), await recorded(turn_id)) };
    },
    async replay({ turn_id, prompts: edited, llm_config, from }) {
      const waitMs = await limits.messages(userId);
      if (waitMs > 0) throw rateLimited(waitMs);
      if (llm_config?.model && !allowedModels.has(llm_config.model)) {
        throw new ChannelError("model_not_allowed", "This server does not offer that model.");
      }
      for (const [name, source] of Object.entries(edited ?? {})) checkModel(check(name, source), workbench);
      const changes = { prompts: edited ?? {}, sampling: llm_config ?? undefined, from: from ?? undefined };
      const { replayId, begin } = replays.start(await recorded(turn_id), changes);
      return { response: { replay_id: replayId }, after: begin };
    },
    async stop_replay({ replay_id }) {
      return { response: { stopped: replays.stop(replay_id) } };
    },
    async get_dataset_line({ turn_id }) {
      return { response: { line: JSON.stringify(datasetLine(await recorded(turn_id))) } };
    },
  };
}
