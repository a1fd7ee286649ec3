import type { JsonObject } from "./host.ts";
import { bareKey, endOfBlanks, endOfString, isQuote, literal, literalValue, unescaped } from "./json-tokens.ts";

/** An object or array that is open. */
interface Open {
  entries: [string, unknown][];
  isArray: boolean;
  key: string;
  /** How many objects had been found before it. */
  found: number;
}

type Expected = "key" | "colon" | "value" | "comma";

/** How much of a text is read again in all, at most, in multiples of its length. This keeps the time linear. */
const maxRereads = 4;

/** Finds the whole objects in a text. Never recursive, so that no depth of nesting can overflow the stack. */
export class ObjectScanner {
  readonly #text: string;
  readonly #open: Open[] = [];
  readonly #found: JsonObject[] = [];
  #at = 0;
  #expected: Expected = "key";
  /** The latest string, from its first character to its closing quote. It may turn out to be longer. */
  #string: { from: number; to: number } | undefined;
  #rereads: number;

  constructor(text: string) {
    this.#text = text;
    this.#rereads = text.length * maxRereads;
  }

  objects(): JsonObject[] {
    const { length } = this.#text;
    while (this.#at < length) {
      if (this.#open.length > 0) this.#step();
      else {
        const start = this.#text.indexOf("{", this.#at);
        if (start < 0) break;
        this.#at = start;
        this.#begin(false);
      }
      if (this.#at >= length && this.#open.length > 0) this.#fail();
    }
    return this.#found;
  }

  #step(): void {
    const hasLineFeed = this.#skipBlanks();
    const character = this.#text[this.#at] ?? "";
    const isArray = this.#open.at(-1)?.isArray ?? false;
    switch (this.#expected) {
      case "key":
        if (character === "}") this.#end();
        else if (isQuote(character)) this.#quoted(character, "colon");
        else this.#bare();
        break;
      case "colon":
        if (character === ":") this.#colon();
        else this.#lengthen();
        break;
      case "value":
        if (character === "{" || character === "[") this.#begin(character === "[");
        else if (character === "]" && isArray) this.#end();
        else if (isQuote(character)) this.#quoted(character, "comma");
        else this.#literal();
        break;
      case "comma":
        if (character === ",") this.#next();
        else if (character === (isArray ? "]" : "}")) this.#end();
        else if (isQuote(character) && hasLineFeed) this.#next(0);
        else this.#lengthen();
        break;
      default:
        this.#expected satisfies never;
    }
  }

  #begin(isArray: boolean): void {
    this.#open.push({ entries: [], isArray, key: "", found: this.#found.length });
    this.#advance(isArray ? "value" : "key");
  }

  #end(): void {
    if (this.#string) this.#add(this.#takeString());
    const { entries, isArray, found } = this.#open.pop() as Open; // only called while something is open
    const value = isArray ? entries.map(([, item]) => item) : Object.fromEntries(entries);
    if (!isArray) {
      this.#found.length = found; // those inside of it are part of it
      this.#found.push(value as JsonObject);
    }
    if (this.#open.length > 0) this.#add(value);
    this.#advance("comma");
  }

  #colon(): void {
    this.#setKey(this.#takeString());
    this.#advance("value");
  }

  /** Also where a comma is missing between two lines. */
  #next(length = 1): void {
    if (this.#string) this.#add(this.#takeString());
    this.#advance(this.#open.at(-1)?.isArray ? "value" : "key", length);
  }

  #quoted(quote: string, expected: Expected): void {
    const from = this.#at + 1;
    this.#readString({ from, to: from }, quote, expected);
  }

  /** A quote inside of a string that was not escaped: the string goes on. */
  #lengthen(): void {
    const string = this.#string;
    if (string) this.#readString({ from: string.from, to: string.to + 1 }, this.#text[string.to] ?? "", this.#expected);
    else this.#fail();
  }

  #readString({ from, to }: { from: number; to: number }, quote: string, expected: Expected): void {
    const end = endOfString(this.#text, to, quote);
    this.#string = { from, to: end };
    this.#at = end;
    if (end < this.#text.length) this.#advance(expected);
  }

  #bare(): void {
    const key = this.#match(bareKey);
    this.#setKey(key);
    this.#skipBlanks();
    if (key === "") this.#fail();
    else this.#advance("value");
  }

  #literal(): void {
    const word = this.#match(literal);
    if (word === "") this.#fail();
    else {
      this.#add(literalValue(word));
      this.#advance("comma", 0);
    }
  }

  /** Gives up what is open. A string in it may have begun by mistake, so its text is read again, as long as that is allowed. */
  #fail(): void {
    this.#open.length = 0;
    if (!this.#string) return;
    const { from } = this.#string;
    this.#string = undefined;
    this.#rereads -= this.#at - from;
    if (this.#rereads > 0) this.#at = from;
  }

  #setKey(key: string): void {
    const open = this.#open.at(-1);
    if (open) open.key = key;
  }

  #add(value: unknown): void {
    const open = this.#open.at(-1);
    open?.entries.push([open.key, value]);
  }

  #takeString(): string {
    const { from, to } = this.#string ?? { from: 0, to: 0 };
    this.#string = undefined;
    return unescaped(this.#text.slice(from, to));
  }

  /** Returns true if there was a line feed. */
  #skipBlanks(): boolean {
    const from = this.#at;
    this.#at = endOfBlanks(this.#text, from);
    return this.#at > from && this.#text.slice(from, this.#at).includes("\n");
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ""] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }

  #advance(expected: Expected, length = 1): void {
    this.#at += length;
    this.#expected = expected;
  }
}
