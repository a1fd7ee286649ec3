import { escaped } from "./escaped.js";
import { FormulaLexer, formulas } from "./formulas.js";
import { Marked } from "./marked.js";

/** In ms. The parser takes quadratic time for some texts, so it is stopped. */
const mostMs = 300;

/** In UTF-16 units. The words of a longer paragraph are shown as they are: the parser could not be stopped in time. */
const maxParagraphUnits = 20_000;

/** In UTF-16 units. The browser takes too long to lay out a longer block again and again. */
const maxBlockUnits = 40_000;
const maxCodeUnits = 200_000;

let deadline = 0;

/** Throws if the time is over. The parser calls this for each of its tokens. */
function tick() {
  if (performance.now() > deadline) throw new RangeError("The text takes too long.");
  return false; // it goes on as usual
}

/** HTML in an answer is shown as text. Images become links, since they would be loaded from other hosts. */
const marked = new Marked(formulas, {
  renderer: {
    html: ({ text, block }) => {
      if (/^<br\s*\/?>$/i.test(text)) return "<br>";
      return block ? `<p>${escaped(text)}</p>` : escaped(text);
    },
    image: ({ href, text }) => `<a href="${escaped(href)}">${escaped(text || href)}</a>`,
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
  tokenizer: { space: tick, escape: tick },
});

/** The blocks of a text. `links` are the definitions before it; those of the result have the text's own, too. Throws if it takes too long. */
export function tokensOf(text, links) {
  deadline = performance.now() + mostMs;
  const lexer = new FormulaLexer(marked.defaults);
  Object.assign(lexer.tokens.links, links);
  lexer.blockTokens(text, lexer.tokens);
  for (const { src, tokens } of lexer.inlineQueue) {
    if (src.length <= maxParagraphUnits) lexer.inlineTokens(src, tokens);
    else tokens.push({ type: "text", raw: src, text: src, escaped: false });
  }
  return lexer.tokens;
}

/** Throws if the block is too long. */
export function htmlOf(token) {
  const most = token.type === "code" ? maxCodeUnits : maxBlockUnits;
  if (token.raw.length > most) throw new RangeError("The block is too long.");
  return marked.parser([token]).trim();
}
