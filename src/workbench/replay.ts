import type { Brain } from "../../graphs/brain.ts";
import type { Sampling } from "../../graphs/host.ts";
import { type PromptFile, type PromptSet, parsePrompt } from "../../graphs/prompt.ts";
import { ChannelError } from "../errors.ts";
import { check } from "../reload/save-prompt.ts";
import { type Answered, askDetached, type DetachedServices, type Listener, type TurnInputs } from "./detached.ts";
import type { ToolMode } from "./past.ts";
import { nodesOf, type Recorded } from "./record.ts";

/** What a replay changes. */
export interface Changes {
  /** Texts of prompt files, by name. */
  prompts?: Record<string, string>;
  sampling?: Sampling;
  /** Default: `recorded`. */
  tools?: ToolMode;
  /** Steps before this node are not run again; their stored results are used. The answer is always new. */
  from?: string;
}

/**
 * Runs a past turn again with its recorded inputs and prompts, except for the changes. The conversation does not change. Rejects with a
 * ChannelError (`not_found` if the inputs were not stored, or for an unknown prompt or node; `invalid_prompt`), or with the graph's error.
 */
export async function replay(
  brain: Brain,
  services: DetachedServices,
  current: PromptSet,
  recorded: Recorded,
  changes: Changes,
  listener?: Listener,
  signal?: AbortSignal,
): Promise<Answered> {
  return await askDetached(
    brain.conversation,
    services,
    replayInputs(brain, current, recorded, changes),
    listener,
    signal,
  );
}

/** Throws a ChannelError; see `replay`. */
export function replayInputs(
  brain: Brain,
  current: PromptSet,
  recorded: Recorded,
  { prompts = {}, sampling, tools = "recorded", from }: Changes,
): TurnInputs {
  const { turn, memory, recording, before } = recorded;
  if (!memory) throw new ChannelError("not_found", "This turn's inputs were not kept; it cannot be replayed.");
  if (from !== undefined && !nodesOf(brain, turn).includes(from)) {
    throw new ChannelError("not_found", `This turn has no such node; it has: ${nodesOf(brain, turn).join(", ")}.`);
  }
  const original = recorded.prompts.flatMap((one) => parseIfValid(one) ?? []);
  const changed = Object.entries(prompts).map(([name, source]) => check(name, source));
  const all = [...current.values(), ...original, ...changed];
  const request = sampling ? { ...turn.request, sampling: [sampling, ...turn.request.sampling] } : turn.request;
  return {
    request,
    memory,
    past: { turn, calls: recording.calls, waits: recording.waits, tools, before },
    prompts: new Map(all.map((file) => [file.name, file])),
    kept: from === undefined ? undefined : { steps: recording.steps, from },
  };
}

/** A recorded prompt; undefined if the current graph uses other variables, so that the current file has to be used. */
function parseIfValid({ name, source }: Recorded["prompts"][number]): PromptFile | undefined {
  try {
    return parsePrompt(name, source);
  } catch {
    return undefined;
  }
}
