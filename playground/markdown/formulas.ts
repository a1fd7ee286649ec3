import { Lexer, type MarkedExtension, type MarkedOptions, type Token, Tokenizer } from "marked";

/** What ends a formula in `\(…\)`, `\[…\]` or `$$…$$`, or cannot be in one. A backslash escapes the next character. */
const marks = /\\.|\$\$|\n[ \t]*\n/gs;
const closing: Record<string, string> = { "\\(": "\\)", "\\[": "\\]", $$: "$$" };

/** `$…$`, but no amounts of money and no shell variables: something in it must be of a formula. */
const inDollars = /\$(?![\s$])(?=[^$\n\x60]*[\\_^*\x7b])(?:[^$\n\x60\\]|\\.)+(?<!\s)\$(?![\w$\x7b])/y;

/** The beginning of a line with a formula, or of an empty line, which ends the paragraph. */
const lineStart = /\n( {0,3})(?=\\\[|\$\$)|\n[ \t]*\n/g;
const lineEnd = /[^\S\n]*[.,;]?[^\S\n]*(?:\n+|$)/y;

/**
 * The end of the formula that begins at `from`; 0 if none does. A formula ends at the latest where the next one of its kind
 * begins, so all formulas of a text are found in linear time.
 */
function formulaEnd(text: string, from: number, before = text[from - 1] ?? ""): number {
  const opening = text.slice(from, from + 2);
  if (Object.hasOwn(closing, opening)) return delimitedEnd(text, from, opening);
  if (opening[0] !== "$" || /[\w$]/.test(before)) return 0;
  inDollars.lastIndex = from;
  return inDollars.test(text) ? inDollars.lastIndex : 0;
}

function delimitedEnd(text: string, from: number, opening: string): number {
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
  dollars: number[] = [];

  constructor(options: MarkedOptions) {
    super({ ...options, hooks: { emStrongMask } as unknown as NonNullable<MarkedOptions["hooks"]> });
  }

  override inlineTokens(source: string, tokens?: Token[]): Token[] {
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

/** What marked binds `this` to. */
interface WithLexer {
  lexer: FormulaLexer;
}

/** Asterisks and underscores in formulas do not end an emphasis. `masked` is the text in which marked looks for its end. */
function emStrongMask(this: WithLexer, masked: string): string {
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

/** A formula on lines of its own, which Markdown would take for lists or headings. Undefined if none begins at `from`. */
function formulaLines(text: string, from: number): { end: number; formula: string } | undefined {
  const end = formulaEnd(text, from);
  lineEnd.lastIndex = end;
  const rest = end > 0 && lineEnd.exec(text)?.[0];
  return typeof rest === "string"
    ? { end: end + rest.length, formula: text.slice(from, end) + rest.trim() }
    : undefined;
}

/** Where such a formula interrupts the paragraph. */
function blockStart(this: WithLexer, text: string): number | undefined {
  if (!this.lexer.state.top) return undefined;
  lineStart.lastIndex = 0;
  for (let found = lineStart.exec(text); found?.[1] !== undefined; found = lineStart.exec(text)) {
    if (formulaLines(text, lineStart.lastIndex)) return found.index + 1;
  }
  return undefined;
}

/** Plain text up to the next dollar sign. */
function inlineText(this: Tokenizer, text: string) {
  const { dollars } = this.lexer as FormulaLexer;
  while ((dollars.at(-1) ?? -1) >= text.length) dollars.pop();
  const end = text.length - (dollars.at(-1) ?? 0);
  return Tokenizer.prototype.inlineText.call(this, text.slice(0, end));
}

/** A heading that is underlined ends before such lines. */
function lheading(this: Tokenizer, text: string) {
  return Tokenizer.prototype.lheading.call(this, text.slice(0, blockStart.call(this as unknown as WithLexer, text)));
}

/**
 * Finds formulas: `\(…\)`, `\[…\]`, `$$…$$` and `$…$`. Markdown would take their backslashes and asterisks. Needs the
 * `FormulaLexer`.
 */
export const formulas: MarkedExtension = {
  extensions: [
    {
      name: "formula",
      level: "inline",
      tokenizer(text, tokens) {
        const end = formulaEnd(text, 0, tokens.at(-1)?.raw.at(-1));
        return end ? { type: "formula", raw: text.slice(0, end), formula: text.slice(0, end) } : undefined;
      },
    },
    {
      name: "formulaBlock",
      level: "block",
      start(text) {
        return blockStart.call(this as unknown as WithLexer, text);
      },
      tokenizer(text) {
        const begin = /^ {0,3}(?=\\\[|\$\$)/.exec(text)?.[0].length;
        const lines = begin === undefined ? undefined : formulaLines(text, begin);
        return lines && { type: "formulaBlock", raw: text.slice(0, lines.end), formula: lines.formula };
      },
    },
  ],
  tokenizer: { inlineText, lheading } as unknown as NonNullable<MarkedExtension["tokenizer"]>,
};
