import { HumanMessage, SystemMessage } from "@langchain/core/messages";

import type { JsonObject, TurnContext } from "./host.ts";
import { type PromptFile, prompt, promptFile, renderPrompt } from "./prompt.ts";

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
  return [new SystemMessage(parts.join("\n\n")), ...turn.memory.messages, new HumanMessage(question)];
}

/** The prompts that `compose` uses beside the engine's own. */
export function sharedPrompts(turn: TurnContext): PromptFile[] {
  const used = [];
  if (withoutEmpty({ context: turn.context, options: turn.options, preferences: turn.preferences })) used.push(data);
  if (turn.memory.summary) used.push(memory);
  return used.map((declaration) => promptFile(turn.host.prompts, declaration));
}

/** A Markdown list for a prompt. */
export function bullets(items: readonly string[]): string {
  return items.length > 0 ? items.map((item) => `- ${item}`).join("\n") : nothing;
}

export function textOr(text: string | undefined): string {
  return text?.trim() || nothing;
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
