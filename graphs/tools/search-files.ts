import { setImmediate as pause } from "node:timers/promises";

import { tool } from "langchain";
import { z } from "zod";

import { fence } from "../attached/fence.ts";
import type { AttachedFile, Source } from "../files.ts";
import { isImage } from "../files.ts";
import { type Passage, passagesOf } from "../search/passages.ts";
import { ranked } from "../search/rank.ts";
import { currentTurn } from "../stock/current.ts";
import { cut } from "../text.ts";

/** What a model gets of a search. */
const maxPassages = 6;

/** In UTF-16 units. */
const maxQuoteUnits = 300;

interface Found extends Passage {
  file: AttachedFile;
}

/** Finds passages in the files of the conversation. */
export const searchFiles = tool(
  async ({ query, file: only }) => {
    const { host, preferences } = currentTurn().context;
    const files = (await host.files()).filter(({ name }) => only === undefined || name === only);
    const { passages, unread } = await textsOf(files);
    const best = ranked(query, passages).slice(0, maxPassages);
    const sources = best.map(({ item }) => sourceOf(item));
    const numbers = sources.map((source) => (preferences.include_sources === true ? host.source(source) : undefined));
    const texts = best.map(({ item }, index) => described(item, numbers[index]));
    const notes = [...(best.length === 0 ? [nothing(files, passages)] : []), ...unread];
    return [[...texts, ...notes].join("\n\n"), { sources }];
  },
  {
    name: "search_files",
    description:
      "Searches the files that the user gave to this conversation, and returns the passages that have most of the words. Try other words if nothing fits: it looks for words, not for meanings.",
    schema: z.object({
      query: z.string().min(1).describe("Words that the passage probably has, in the language of the files."),
      file: z.string().optional().describe("The name of the only file to search. Default: all."),
    }),
    responseFormat: "content_and_artifact",
    metadata: { repeatable: true },
  },
);

/** The passages of all files, and what is not among them. */
async function textsOf(files: readonly AttachedFile[]): Promise<{ passages: Found[]; unread: string[] }> {
  const passages: Found[] = [];
  const unread: string[] = [];
  for (const file of files) {
    if (isImage(file)) {
      unread.push(`${JSON.stringify(file.name)} is an image and has no text to search.`);
      continue;
    }
    const pages = await file.pages().catch(() => undefined);
    if (pages) for (const passage of passagesOf(pages)) passages.push({ ...passage, file });
    else unread.push(`${JSON.stringify(file.name)} is no longer kept.`);
    await pause(); // cutting and searching megabytes takes a while
  }
  return { passages, unread };
}

function sourceOf({ file, page, text }: Found): Source {
  const title = page === undefined ? file.name : `${file.name}, page ${page}`;
  return { title, file_id: file.file_id, quote: cut(text, maxQuoteUnits) };
}

/** Its text is data, whatever it says. */
function described({ file, page, text }: Found, source: number | undefined): string {
  const facts = { file: file.name, ...(page !== undefined && { page }), ...(source !== undefined && { source }) };
  return `${JSON.stringify(facts)}\n${fence(text)}`;
}

function nothing(files: readonly AttachedFile[], passages: readonly Found[]): string {
  if (files.length === 0) return "There is no such file in this conversation.";
  if (passages.length === 0) return "The files have no text.";
  return `No passage has any of these words. Files: ${files.map(({ name }) => JSON.stringify(name)).join(", ")}.`;
}
