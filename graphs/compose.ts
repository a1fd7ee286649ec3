import { HumanMessage } from "@langchain/core/messages";

import type { Attached, NumberedSource } from "./attached/attached.ts";
import { fenced } from "./fenced.ts";
import type { JsonObject, Memory, TurnContext } from "./host.ts";
import { type Prompt, type PromptFile, prompt, promptFile, renderPrompt } from "./prompt.ts";
import { oneLine } from "./text.ts";

const data = prompt("data", ["data"]);
const recalled = prompt("memory", ["summary"]);
const attaching = prompt("files", ["files"]);
const alone = prompt("files.alone");
const citing = prompt("sources", ["sources"]);

/** Stands for an empty list or text in a prompt. */
const none = "(none)";

/** What the messages of a model call are made from. */
export interface Composed {
  /** The filled prompt, and the data. */
  instructions: string;
  memory: Memory;
  /** The part of the instructions that tells a summary. */
  told(summary: string): string;
  /** Without files. */
  question: HumanMessage;
  /** Undefined if there are no files. */
  attached?: Attached;
  /** The part of the question's message that gives the files. */
  gave(files: string): string;
  files: PromptFile[];
}

/** What is asked, and what may be used. */
interface Asked {
  question: string;
  attached: Attached;
  /** The sources that the reply shall name. */
  cited: readonly NumberedSource[];
}

/** Fills the prompts: instructions with fenced data and the summary, the remembered messages, and the question with its files last. */
export function compose(
  turn: TurnContext,
  file: PromptFile,
  values: Record<string, string>,
  { question, attached, cited }: Asked,
): Composed {
  const { host, context, options, preferences, memory } = turn;
  const files = [file];
  const parts = [renderPrompt(file, values)];

  function shared(declaration: Prompt): PromptFile {
    const found = promptFile(host.prompts, declaration);
    files.push(found);
    return found;
  }

  const given = withoutEmpty({ context, options, preferences: wishesIn(preferences, cited.length > 0) });
  if (given) parts.push(renderPrompt(shared(data), { data: fenced(given) }));
  if (cited.length > 0) {
    const sources = cited.map(({ number, title }) => ({ number, title }));
    parts.push(renderPrompt(shared(citing), { sources: fenced(sources) }));
  }
  const recall = memory.summary && shared(recalled);
  const hasFiles = attached.files.length > 0;
  const block = hasFiles && shared(attaching);
  const words = question === "" && hasFiles ? renderPrompt(shared(alone)) : question;
  return {
    instructions: parts.join("\n\n"),
    memory,
    told: (summary) => (recall ? renderPrompt(recall, { summary: fenced(summary) }) : ""),
    question: new HumanMessage(words.toWellFormed()),
    ...(hasFiles && { attached }),
    gave: (list) => (block ? renderPrompt(block, { files: list }) : ""),
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

/** `include_sources` is of no use without sources, and has a prompt of its own with them. */
function wishesIn({ include_sources, ...wishes }: JsonObject, hasSources: boolean): JsonObject {
  const isNeeded = include_sources !== undefined && !hasSources && Object.keys(wishes).length > 0;
  return isNeeded ? { ...wishes, include_sources } : wishes;
}

export function withoutEmpty(parts: Record<string, JsonObject>): Record<string, JsonObject> | undefined {
  const full = Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0);
  return full.length > 0 ? Object.fromEntries(full) : undefined;
}
