import type { Brain } from "../../graphs/brain.ts";
import type { Sampling } from "../../graphs/host.ts";
import { type PromptFile, type PromptSet, parsePrompt } from "../../graphs/prompt.ts";
import { ChannelError } from "../errors.ts";
import { check } from "../reload/save-prompt.ts";
import type { ModelServices } from "../turns/turn-host.ts";
import { type Answered, type Asking, askDetached, type Listener } from "./detached.ts";
import { nodesOf, type Recorded } from "./record.ts";

/** What is different from the first time. */
export interface Changes {
  /** Texts of prompt files by their names. */
  prompts?: Record<string, string>;
  sampling?: Sampling;
  /** The findings of the steps before this node are used again. An answer is always made anew. */
  from?: string;
}

/**
 * Asks a turn again from where it began, with the prompts of that time where none is changed; the conversation is not touched. Rejects with a
 * ChannelError: `not_found` when it is not known what the turn was asked with, or for an unknown prompt or node, `invalid_prompt`; else as the graph does.
 */
export async function replay(
  brain: Brain,
  services: ModelServices,
  current: PromptSet,
  recorded: Recorded,
  changes: Changes,
  listener?: Listener,
  signal?: AbortSignal,
): Promise<Answered> {
  return await askDetached(brain.conversation, services, askingOf(brain, current, recorded, changes), listener, signal);
}

/** Throws a ChannelError; see `replay`. */
export function askingOf(
  brain: Brain,
  current: PromptSet,
  recorded: Recorded,
  { prompts = {}, sampling, from }: Changes,
): Asking {
  const { turn, memory, steps } = recorded;
  if (!memory) throw new ChannelError("not_found", "It is not known any more what this turn was asked with.");
  if (from !== undefined && !nodesOf(brain, turn).includes(from)) {
    throw new ChannelError("not_found", `This turn has no such node; it has: ${nodesOf(brain, turn).join(", ")}.`);
  }
  const then = recorded.prompts.flatMap((one) => fitting(one) ?? []);
  const changed = Object.entries(prompts).map(([name, source]) => check(name, source));
  const all = [...current.values(), ...then, ...changed];
  const request = sampling ? { ...turn.request, sampling: [sampling, ...turn.request.sampling] } : turn.request;
  return {
    request,
    memory: memory.messages,
    summary: memory.summary,
    prompts: new Map(all.map((file) => [file.name, file])),
    kept: from === undefined ? undefined : { steps, from },
  };
}

/** A text of that time; undefined where today's graph uses other variables: then today's file is taken. */
function fitting({ name, source }: Recorded["prompts"][number]): PromptFile | undefined {
  try {
    return parsePrompt(name, source);
  } catch {
    return undefined;
  }
}
