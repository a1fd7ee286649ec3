import type { Brain } from "../../graphs/brain.ts";
import { promptHash, variablesFor } from "../../graphs/prompt.ts";
import { cut } from "../../graphs/text.ts";
import { entryOf } from "../channel/history.ts";
import type { PromptFolder } from "../reload/prompt-folder.ts";
import { changes } from "./comparison.ts";
import type { Answered, Step } from "./detached.ts";
import { enginesOf } from "./drawings.ts";
import { preview } from "./preview.ts";
import { costOf, nodesOf, type Recorded, samplingOf } from "./record.ts";
import { shownCalls, shownWait } from "./show-recording.ts";
import type { PromptFile as ShownPrompt } from "./wire/prompts.ts";
import type { Inputs, Metadata, ReplayResult } from "./wire/turns.ts";

/** The prompt files in the format of the wire. */
export function shownPrompts(brain: Brain, prompts: PromptFolder): ShownPrompt[] {
  return prompts.files().map(({ name, source, used, fault }) => ({
    name,
    hash: used?.hash ?? promptHash(source),
    description: used?.settings.description ?? "",
    engines: enginesOf(brain, name),
    variables: variablesFor(name) ?? [],
    source,
    fault,
  }));
}

/** A past turn with its inputs, in the format of the wire. */
export function shownRecord(brain: Brain, recorded: Recorded): Inputs {
  const { turn, memory, recording, reasoning = "", prompts } = recorded;
  const { context, options, preferences, engine = null } = turn.request;
  return {
    turn: entryOf(turn),
    cost: costOf(turn.outcome?.metadata ?? {}),
    first_word_ms: turn.outcome?.firstWordMs ?? null,
    steps: recording.steps.map(shownStep),
    tool_calls: shownCalls(recording.calls, turn),
    waits: recording.waits.map((wait) => shownWait(wait, turn)),
    reasoning,
    prompts,
    memory: memory
      ? {
          messages: memory.messages.map((message) => ({
            role: message.type === "human" ? "user" : "assistant",
            content: message.text,
          })),
          summary: memory.summary,
        }
      : null,
    request: { context, options, preferences, llm_config: samplingOf(turn), engine },
    nodes: nodesOf(brain, turn),
  };
}

/** A replay's result, with the original turn and a diff. */
export function shownReplay(
  brain: Brain,
  recorded: Recorded,
  { response, conversationType, routedTo, metadata, steps, calls, answers, firstWordMs }: Answered,
): Omit<ReplayResult, "replay_id"> {
  const original = shownRecord(brain, recorded);
  const { metadata: before, response: earlier } = original.turn;
  return {
    turn_id: recorded.turn.id,
    response,
    conversation_type: conversationType,
    routed_to: routedTo,
    metadata: withShortTexts(metadata),
    cost: costOf(metadata),
    first_word_ms: firstWordMs ?? null,
    steps: steps.map(shownStep),
    tool_calls: calls.map(previewed),
    answers: answers.map(previewed),
    diff: { response: changes(recorded.turn.outcome?.response ?? "", response) },
    original: {
      ...original,
      turn: { ...original.turn, response: earlier && shortened(earlier), metadata: withShortTexts(before) },
    },
  };
}

/** In UTF-16 units. Everything but the new answer is cut to this, so that an answer of 1 MiB is not sent four times. */
const maxBesideUnits = 131_072;

function withShortTexts(metadata: object): Metadata {
  const shown = Object.entries(metadata).map(([name, value]) => [
    name,
    typeof value === "string" ? shortened(value) : value,
  ]);
  return Object.fromEntries(shown);
}

function shortened(text: string): string {
  return text.length > maxBesideUnits ? `${cut(text, maxBesideUnits)} …` : text;
}

/** Long values are cut. */
function previewed<Shown extends object>(shown: Shown): Shown {
  return Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, preview(value)])) as Shown;
}

function shownStep({ name, result }: Step) {
  return { name, finding: result.finding ?? null };
}
