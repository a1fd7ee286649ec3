import type { Token } from "marked";

import { type Links, tokensOf } from "./tokens.ts";

/** In UTF-16 units. The browser takes too long to lay out a longer block again and again. */
const maxBlockUnits = 40_000;
const maxCodeUnits = 200_000;

/** A part of a text: the same object as long as it does not change. */
export interface Block {
  key: number;
  token: Token;
}

export interface Blocks {
  blocks: readonly Block[];
  /** The rest of the text, shown as plain text because it takes too long to parse or to lay out. */
  rest: string;
}

/** Parses a growing Markdown text. Only its end is parsed again, and unchanged blocks stay the same objects. */
export class BlockReader {
  #text = "";
  #blocks: Block[] = [];
  /** The number of final blocks, the length of their text, and their link definitions. */
  #settled: { count: number; units: number; links: Links } = { count: 0, units: 0, links: {} };
  #hasLinks = false;
  #isTooLong = false;

  /** `isWhole`: no more text comes. */
  read(given: string, isWhole: boolean): Blocks {
    const text = given.replace(/\r\n?/g, "\n");
    const isForEarlier = isWhole && this.#hasLinks && this.#settled.count > 0; // a definition applies to the whole text
    if (!text.startsWith(this.#text) || isForEarlier) this.#reset();
    this.#text = text;
    const rest = text.slice(this.#settled.units);
    try {
      if (!this.#isTooLong) this.#readEnd(rest);
    } catch {
      // The text takes too long, or is nested too deeply for the parser.
      this.#isTooLong = true;
      this.#blocks = this.#blocks.slice(0, this.#settled.count);
    }
    return { blocks: this.#blocks, rest: this.#isTooLong ? rest : "" };
  }

  #readEnd(rest: string): void {
    const tokens = tokensOf(rest, this.#settled.links);
    this.#hasLinks ||= Object.keys(tokens.links).length > 0;
    const { count } = this.#settled;
    const ended = this.#blocks.slice(0, count);
    const open = tokens.map((token, index) => {
      if (token.raw.length > (token.type === "code" ? maxCodeUnits : maxBlockUnits))
        throw new RangeError("A long block.");
      const before = this.#blocks[count + index];
      return before?.token.raw === token.raw && before.token.type === token.type
        ? before
        : { key: count + index, token };
    });
    this.#blocks = [...ended, ...open];
    this.#settle(tokens);
  }

  /** Only the last two blocks with words change when more text comes. */
  #settle(tokens: Token[]): void {
    const worded = tokens.flatMap(({ type }, index) => (type === "space" ? [] : [index]));
    for (const token of tokens.slice(0, worded.at(-2) ?? 0)) {
      this.#settled.count += 1;
      this.#settled.units += token.raw.length;
      if (token.type === "def") this.#settled.links[token.tag] ??= { href: token.href, title: token.title };
    }
  }

  #reset(): void {
    this.#blocks = [];
    this.#settled = { count: 0, units: 0, links: {} };
    this.#hasLinks = false;
    this.#isTooLong = false;
  }
}
