import { tool } from "langchain";
import { z } from "zod";

import { fence } from "../attached/fence.ts";
import type { AttachedFile, Source } from "../files.ts";
import { isImage } from "../files.ts";
import { type Passage, passagesOf } from "../search/passages.ts";
import { Search } from "../search/rank.ts";
import { currentTurn } from "../stock/current.ts";

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
    const search = new Search<Found>(query);
    const unread = await read(files, search);
    const best = search.best(maxPassages);
    const sources = best.map((found) => sourceOf(found, search.excerpt(found.text, maxQuoteUnits)));
    const numbers = sources.map((source) => (preferences.include_sources === true ? host.source(source) : undefined));
    const texts = best.map((found, index) => described(found, numbers[index]));
    const notes = [...(best.length === 0 ? [nothing(files, search.size)] : []), ...unread];
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

/** Adds the passages of all files. Returns what is not among them. */
async function read(files: readonly AttachedFile[], search: Search<Found>): Promise<string[]> {
  const unread: string[] = [];
  for (const file of files) {
    if (isImage(file)) {
      unread.push(`${JSON.stringify(file.name)} is an image and has no text to search.`);
      continue;
    }
    const pages = await file.pages().catch(() => undefined);
    if (pages) await search.add(passagesOf(pages).map((passage) => ({ ...passage, file })));
    else unread.push(`${JSON.stringify(file.name)} is no longer kept.`);
  }
  return unread;
}

function sourceOf({ file, page }: Found, quote: string): Source {
  const title = page === undefined ? file.name : `${file.name}, page ${page}`;
  return { title, file_id: file.file_id, quote };
}

/** Its text is data, whatever it says. */
function described({ file, page, text }: Found, source: number | undefined): string {
  const facts = { file: file.name, ...(page !== undefined && { page }), ...(source !== undefined && { source }) };
  return `${JSON.stringify(facts)}\n${fence(text)}`;
}

function nothing(files: readonly AttachedFile[], passages: number): string {
  if (files.length === 0) return "There is no such file in this conversation.";
  if (passages === 0) return "The files have no text.";
  return `No passage has any of these words. Files: ${files.map(({ name }) => JSON.stringify(name)).join(", ")}.`;
}
