import { marked } from "marked";

import type { DatasetLine } from "../dataset.ts";
import type { Judged, Score } from "./evaluator.ts";
import { languageOf, syntaxFault } from "./syntax.ts";

interface Block {
  language: string;
  text: string;
}

/** Whether the answer has a code block that could be run: of the expected language, and without a fault in its syntax as far as that is checked. */
export function code({ expect }: DatasetLine, { response }: Judged): Score | undefined {
  if (!expect.code) return undefined;
  const wanted = expect.code === true ? undefined : expect.code.language;
  const blocks = fencedBlocks(response).filter(({ language }) => !wanted || language === languageOf(wanted));
  if (blocks.length === 0) return { name: "code", score: 0, comment: `no ${wanted ? `${wanted} ` : "code "}block` };
  const faults = blocks.map(({ language, text }) => syntaxFault(language, text));
  const isRunnable = faults.includes(undefined);
  return { name: "code", score: isRunnable ? 1 : 0, comment: isRunnable ? "" : (faults[0] ?? "") };
}

/** The fenced blocks of a Markdown text that are not empty. A text that no parser can stand has none. */
function fencedBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  try {
    marked.walkTokens(marked.lexer(text), (token) => {
      const isFenced = token.type === "code" && token.codeBlockStyle !== "indented" && token.text.trim() !== "";
      if (isFenced) blocks.push({ language: languageOf(token.lang ?? ""), text: token.text });
    });
  } catch (error) {
    // The parser recurses: thousands of nested quotes exhaust the stack.
    if (!(error instanceof RangeError)) throw error;
  }
  return blocks;
}
