import { z } from "zod";

import { LlmConfig } from "../channel/inbound.ts";
import { modelInbound } from "./model-messages.ts";

const Name = z.string().min(1).max(128);
const Id = z.string().min(1).max(128);
const Source = z.string().max(48_000);

/** Everything that clients may push on `workbench:<conversation_id>`. */
export const inbound = {
  get_conversations: z.object({ limit: z.number().int().min(1).max(200).nullish().describe("Default: 50.") }),
  get_prompts: z.object({}),
  check_prompt: z.object({ name: Name, source: Source }),
  save_prompt: z.object({ name: Name, source: Source, was: z.string().describe("Hash of the text that was edited.") }),
  get_mcp_servers: z.object({}).describe("The servers of MCP_SERVERS, with their tools as last known."),
  get_turn: z.object({ turn_id: Id }),
  replay: z.object({
    turn_id: Id,
    prompts: z.record(Name, Source).nullish().describe("Prompt texts by name, used instead of the recorded ones."),
    llm_config: LlmConfig.nullish(),
    tools: z
      .enum(["recorded", "live"])
      .nullish()
      .describe(
        "`recorded`: tool calls have the results that they had in the turn, and no tool runs. Default: `recorded`.",
      ),
    from: Name.nullish().describe("Steps before this node are not run again; their stored results are used."),
  }),
  stop_replay: z.object({ replay_id: Id }),
  run_prompt: z
    .object({
      name: Name,
      source: Source.min(1).nullish().describe("A draft of the prompt. Default: the version in use."),
      last: z.number().int().min(1).max(50).describe("How many of the latest turns that used the prompt."),
      llm_config: LlmConfig.nullish(),
    })
    .describe("Replays turns with a prompt. Each counts as a message."),
  stop_run: z.object({ run_id: Id }),
  get_versions: z.object({ name: Name }).describe("The texts with which a prompt has answered the user's turns."),
  compare: z.object({ before: Source, after: Source }).describe("Diffs two texts by lines."),
  get_dataset_line: z.object({ turn_id: Id }),
  ...modelInbound,
} as const;
