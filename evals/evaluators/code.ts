import { marked } from "marked";

import type { DatasetLine } from "../dataset.ts";
import type { Judged, Score } from "./evaluator.ts";
import { languageOf, syntaxFault } from "./syntax.ts";

interface Block {
  language: string;
  text: string;
}

/** Checks that the answer has a code block in the expected language without syntax errors (see `syntax.ts` for the languages). */
export function code({ expect }: DatasetLine, { response }: Judged): Score | undefined {
  if (!expect.code) return undefined;
  const wanted = expect.code === true ? undefined : expect.code.language;
  const blocks = fencedBlocks(response).filter(({ language }) => !wanted || language === languageOf(wanted));
  if (blocks.length === 0) return { name: "code", score: 0, comment: `no ${wanted ? `${wanted} ` : "code "}block` };
  const faults = blocks.map(({ language, text }) => syntaxFault(language, text));
  const isRunnable = faults.includes(undefined);
  return { name: "code", score: isRunnable ? 1 : 0, comment: isRunnable ? "" : (faults[0] ?? "") };
}

/** The non-empty fenced code blocks of a Markdown text. None if the text is nested too deeply to parse. */
function fencedBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  try {
    marked.walkTokens(marked.lexer(text), (token) => {
      const isFenced = token.type === "code" && token.codeBlockStyle !== "indented" && token.text.trim() !== "";
      if (isFenced) blocks.push({ language: languageOf(token.lang ?? ""), text: token.text });
    });
  } catch (error) {
    // The parser is recursive: thousands of nested quotes exhaust the stack.
    if (!(error instanceof RangeError)) throw error;
  }
  return blocks;
}
