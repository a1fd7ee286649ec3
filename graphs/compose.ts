import { type BaseMessage, HumanMessage, SystemMessage } from "@langchain/core/messages";

import type { JsonObject, TurnContext } from "./host.ts";
import { type Prompt, type PromptFile, prompt, promptFile, renderPrompt } from "./prompt.ts";
import { oneLine } from "./text.ts";

const data = prompt("data", ["data"]);
const memory = prompt("memory", ["summary"]);

/** What a prompt shows where a list or a text has nothing to show. */
const nothing = "(none)";

/** What one model call is made of: its messages, and the prompt files that they were made from. */
export interface Composed {
  messages: BaseMessage[];
  files: PromptFile[];
}

/** Instructions, fenced data, what is remembered, and the question last. */
export function compose(
  turn: TurnContext,
  file: PromptFile,
  values: Record<string, string>,
  question: string,
): Composed {
  const { host, context, options, preferences } = turn;
  const files = [file];
  const parts = [renderPrompt(file, values)];

  function add(declaration: Prompt, more: Record<string, string>): void {
    const shared = promptFile(host.prompts, declaration);
    files.push(shared);
    parts.push(renderPrompt(shared, more));
  }

  const known = withoutEmpty({ context, options, preferences });
  if (known) add(data, { data: fenced(known) });
  if (turn.memory.summary) add(memory, { summary: fenced(turn.memory.summary) });
  const instructions = new SystemMessage(parts.join("\n\n").toWellFormed());
  return { messages: [instructions, ...turn.memory.messages, new HumanMessage(question.toWellFormed())], files };
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
