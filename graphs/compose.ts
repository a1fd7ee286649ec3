import { HumanMessage } from "@langchain/core/messages";

import type { JsonObject, Memory, TurnContext } from "./host.ts";
import { type Prompt, type PromptFile, prompt, promptFile, renderPrompt } from "./prompt.ts";
import { oneLine } from "./text.ts";

const data = prompt("data", ["data"]);
const recalled = prompt("memory", ["summary"]);

/** Stands for an empty list or text in a prompt. */
const none = "(none)";

/** What the messages of a model call are made from. */
export interface Composed {
  /** The filled prompt, and the data. */
  instructions: string;
  memory: Memory;
  /** The part of the instructions that tells a summary. */
  told(summary: string): string;
  question: HumanMessage;
  files: PromptFile[];
}

/** Fills the prompts: instructions with fenced data and the summary, the remembered messages, and the question last. */
export function compose(
  turn: TurnContext,
  file: PromptFile,
  values: Record<string, string>,
  question: string,
): Composed {
  const { host, context, options, preferences, memory } = turn;
  const files = [file];
  const parts = [renderPrompt(file, values)];

  function shared(declaration: Prompt): PromptFile {
    const found = promptFile(host.prompts, declaration);
    files.push(found);
    return found;
  }

  const given = withoutEmpty({ context, options, preferences });
  if (given) parts.push(renderPrompt(shared(data), { data: fenced(given) }));
  const recall = memory.summary && shared(recalled);
  return {
    instructions: parts.join("\n\n"),
    memory,
    told: (summary) => (recall ? renderPrompt(recall, { summary: fenced(summary) }) : ""),
    question: new HumanMessage(question.toWellFormed()),
    files,
  };
}

/** In UTF-16 units. Longer findings are cut before they go into the next prompt. */
const maxFindingUnits = 4_000;

/** A Markdown list for a prompt. Findings may quote the user, so each item is kept on one line. */
export function bullets(items: readonly string[]): string {
  const lines = items.map((item) => `- ${oneLine(item, maxFindingUnits)}`);
  return lines.length > 0 ? lines.join("\n") : none;
}

/** A text for a prompt, on one line. */
export function textOrNone(text: string | undefined): string {
  return oneLine(text ?? "", maxFindingUnits) || none;
}

/** JSON that cannot end the fence around it: angle brackets, backticks and line separators are escaped. */
export function fenced(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[<>`\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function withoutEmpty(parts: Record<string, JsonObject>): Record<string, JsonObject> | undefined {
  const full = Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0);
  return full.length > 0 ? Object.fromEntries(full) : undefined;
}
