import { escaped } from "./escaped.js";
import { Lexer, Tokenizer } from "./marked.js";

/** What ends a formula in `\(…\)`, `\[…\]` or `$$…$$`, or cannot be in one. A backslash escapes the next character. */
const marks = /\\.|\$\$|\n[ \t]*\n/gs;
const closing = { "\\(": "\\)", "\\[": "\\]", $$: "$$" };

/** `$…$`, but no amounts of money and no shell variables: something in it must be of a formula. */
const inDollars = /\$(?![\s$])(?=[^$\n`]*[\\_^*{])(?:[^$\n`\\]|\\.)+(?<!\s)\$(?![\w${])/y;

/** The beginning of a line with a formula, or of an empty line, which ends the paragraph. */
const lineStart = /\n( {0,3})(?=\\\[|\$\$)|\n[ \t]*\n/g;
const lineEnd = /[^\S\n]*[.,;]?[^\S\n]*(?:\n+|$)/y;

/**
 * The end of the formula that begins at `from`; 0 if none does. A formula ends at the latest where the next one of its kind
 * begins, so all formulas of a text are found in linear time.
 */
function formulaEnd(text, from, before = text[from - 1] ?? "") {
  const opening = text.slice(from, from + 2);
  if (Object.hasOwn(closing, opening)) return delimitedEnd(text, from, opening);
  if (opening[0] !== "$" || /[\w$]/.test(before)) return 0;
  inDollars.lastIndex = from;
  return inDollars.test(text) ? inDollars.lastIndex : 0;
}

function delimitedEnd(text, from, opening) {
  marks.lastIndex = from + 2;
  for (let mark = marks.exec(text)?.[0]; mark; mark = marks.exec(text)?.[0]) {
    if (mark === closing[opening]) return marks.lastIndex > from + 4 ? marks.lastIndex : 0;
    if (mark === opening || mark[0] === "\n") return 0;
  }
  return 0;
}

/** Marked's lexer, which knows the text that it is reading. Plain text ends before a dollar sign. */
export class FormulaLexer extends Lexer {
  source = "";
  /** How far from the end of the text each dollar sign is, the first one last. */
  dollars = [];

  constructor(options) {
    super({ ...options, hooks: { emStrongMask } });
  }

  inlineTokens(source, tokens) {
    const outer = this.dollars;
    this.source = source;
    this.dollars = [...source.matchAll(/\$/g)].map(({ index }) => source.length - index).reverse();
    try {
      return super.inlineTokens(source, tokens);
    } finally {
      this.dollars = outer;
    }
  }
}

/** Asterisks and underscores in formulas do not end an emphasis. `masked` is the text in which marked looks for its end. */
function emStrongMask(masked) {
  const { source } = this.lexer;
  let result = "";
  let done = 0;
  for (const { index } of source.matchAll(/\\[([]|\$/g)) {
    const isCode = !masked.startsWith(source[index] === "$" ? "$" : "++", index);
    const end = index < done || isCode ? 0 : formulaEnd(source, index);
    if (!end) continue;
    result += masked.slice(done, index) + "+".repeat(end - index);
    done = end;
  }
  return result + masked.slice(done);
}

const inline = {
  name: "formula",
  level: "inline",
  tokenizer(text, tokens) {
    const end = formulaEnd(text, 0, tokens.at(-1)?.raw.at(-1));
    return end ? { type: "formula", raw: text.slice(0, end) } : undefined;
  },
  renderer: ({ raw }) => shown(raw),
};

/** A formula on lines of its own, which Markdown would take for lists or headings. Undefined if none begins at `from`. */
function formulaLines(text, from) {
  const end = formulaEnd(text, from);
  lineEnd.lastIndex = end;
  const rest = end > 0 && lineEnd.exec(text)?.[0];
  return typeof rest === "string"
    ? { end: end + rest.length, formula: text.slice(from, end) + rest.trim() }
    : undefined;
}

const block = {
  name: "formulaBlock",
  level: "block",
  /** Where such a formula interrupts the paragraph. */
  start(text) {
    if (!this.lexer.state.top) return undefined;
    lineStart.lastIndex = 0;
    for (let found = lineStart.exec(text); found?.[1] !== undefined; found = lineStart.exec(text)) {
      if (formulaLines(text, lineStart.lastIndex)) return found.index + 1;
    }
    return undefined;
  },
  tokenizer(text) {
    const begin = /^ {0,3}(?=\\\[|\$\$)/.exec(text)?.[0].length;
    const lines = begin === undefined ? undefined : formulaLines(text, begin);
    return lines && { type: "formulaBlock", raw: text.slice(0, lines.end), formula: lines.formula };
  },
  renderer: ({ formula }) => `<p>${shown(formula)}</p>`,
};

function shown(formula) {
  return `<code class="formula">${escaped(formula)}</code>`;
}

/** Plain text up to the next dollar sign. */
function inlineText(text) {
  const { dollars } = this.lexer;
  while (dollars.at(-1) >= text.length) dollars.pop();
  const end = text.length - (dollars.at(-1) ?? 0);
  return Tokenizer.prototype.inlineText.call(this, text.slice(0, end));
}

/** A heading that is underlined ends before such lines. */
function lheading(text) {
  return Tokenizer.prototype.lheading.call(this, text.slice(0, block.start.call(this, text)));
}

/**
 * Shows formulas as they were written: `\(…\)`, `\[…\]`, `$$…$$` and `$…$`. Markdown would take their backslashes and
 * asterisks. Needs the `FormulaLexer`.
 */
export const formulas = { extensions: [inline, block], tokenizer: { inlineText, lheading } };
