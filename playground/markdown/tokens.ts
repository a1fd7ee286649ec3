import { Marked, type Token, type TokensList } from "marked";

import { FormulaLexer, formulas } from "./formulas.ts";

/** In ms. The parser takes quadratic time for some texts, so it is stopped. */
const mostMs = 300;

/** In UTF-16 units. Longer paragraphs are shown as plain text: the parser could not be stopped in time. */
const maxParagraphUnits = 20_000;

let deadline = 0;

/** Throws when the time is up. The parser calls this for each token. */
function tick(): false {
  if (performance.now() > deadline) throw new RangeError("The text takes too long.");
  return false; // marked continues with its own tokenizer
}

const marked = new Marked(formulas, { tokenizer: { space: tick, escape: tick } });

/** The definitions of links in a text, by their names. */
export type Links = Record<string, { href: string | null; title: string | null }>;

/** The blocks of a text. `links` are the definitions before it; those of the result have the text's own, too. Throws if it takes too long. */
export function tokensOf(text: string, links: Links): TokensList {
  deadline = performance.now() + mostMs;
  const lexer = new FormulaLexer(marked.defaults);
  Object.assign(lexer.tokens.links, links);
  lexer.blockTokens(text, lexer.tokens);
  for (const { src, tokens } of lexer.inlineQueue) {
    if (src.length <= maxParagraphUnits) lexer.inlineTokens(src, tokens);
    else tokens.push({ type: "text", raw: src, text: src, escaped: false } as Token);
  }
  return lexer.tokens;
}
