import { HumanMessage, SystemMessage } from "@langchain/core/messages";

import type { JsonObject, TurnContext } from "./host.ts";
import { type PromptFile, prompt, promptFile, renderPrompt } from "./prompt.ts";
import { oneLine } from "./text.ts";

const data = prompt("data", ["data"]);
const memory = prompt("memory", ["summary"]);

/** What a prompt shows where a list or a text has nothing to show. */
const nothing = "(none)";

/** The messages of one model call: instructions, fenced data, what is remembered, and the question last. */
export function compose(turn: TurnContext, file: PromptFile, values: Record<string, string>, question: string) {
  const parts = [renderPrompt(file, values)];
  const known = withoutEmpty({ context: turn.context, options: turn.options, preferences: turn.preferences });
  if (known) parts.push(renderPrompt(promptFile(turn.host.prompts, data), { data: fenced(known) }));
  if (turn.memory.summary) {
    const summary = fenced(turn.memory.summary);
    parts.push(renderPrompt(promptFile(turn.host.prompts, memory), { summary }));
  }
  const instructions = parts.join("\n\n").toWellFormed();
  return [new SystemMessage(instructions), ...turn.memory.messages, new HumanMessage(question.toWellFormed())];
}

/** The prompts that `compose` uses beside the engine's own. */
export function sharedPrompts(turn: TurnContext): PromptFile[] {
  const used = [];
  if (withoutEmpty({ context: turn.context, options: turn.options, preferences: turn.preferences })) used.push(data);
  if (turn.memory.summary) used.push(memory);
  return used.map((declaration) => promptFile(turn.host.prompts, declaration));
}

/** So much of a finding is shown to the next prompt, in UTF-16 units. */
const longestFinding = 4_000;

/** A Markdown list for a prompt. What a model found may quote the user: an item stays within its line. */
export function bullets(items: readonly string[]): string {
  const lines = items.map((item) => `- ${oneLine(item, longestFinding)}`);
  return lines.length > 0 ? lines.join("\n") : nothing;
}

export function textOr(text: string | undefined): string {
  return oneLine(text ?? "", longestFinding) || nothing;
}

/** JSON that cannot close the block it stands in: no line breaks inside strings, no angle brackets or backticks. */
function fenced(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[<>`\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function withoutEmpty(parts: Record<string, JsonObject>): Record<string, JsonObject> | undefined {
  const full = Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0);
  return full.length > 0 ? Object.fromEntries(full) : undefined;
}
