import type { JsonObject } from "./host.ts";

/**
 * The whole objects in a text, in order, in linear time. Reads JSON as models write it: in fences or prose, with trailing commas, raw line
 * feeds, single quotes, bare keys, unescaped quotes, and Python's literals. An object that was cut is none, but whole ones inside of it count.
 */
export function jsonObjects(text: string): JsonObject[] {
  const value = strict(text);
  if (typeof value === "string") return new ObjectScanner(value).objects();
  return isObject(value) ? [value] : new ObjectScanner(text).objects();
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function strict(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An object or array that is open. */
interface Open {
  entries: [string, unknown][];
  isArray: boolean;
  key: string;
  /** How many objects had been found before it. */
  found: number;
}

type Expected = "key" | "colon" | "value" | "comma";

const blank = /\s/;
const bareKey = /[\p{L}_$][\p{L}\p{N}_$-]*(?=\s{0,99}:)/uy;
const literal = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?(?![\w.])|(?:true|false|null|none|undefined|nan)(?!\w)/iy;
const constants: Record<string, unknown> = { true: true, false: false };

const backslash = 92;

/** How much of a text is read again in all, at most, in multiples of its length. This keeps the time linear. */
const maxRereads = 4;

/** Never recursive, so that no depth of nesting can overflow the stack. */
class ObjectScanner {
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
    const closing = quote.charCodeAt(0);
    let end = to;
    for (let code = this.#text.charCodeAt(end); code !== closing && end < this.#text.length; ) {
      end += code === backslash ? 2 : 1;
      code = this.#text.charCodeAt(end);
    }
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
    const word = this.#match(literal).toLowerCase();
    if (word === "") this.#fail();
    else {
      this.#add(/\d/.test(word) ? Number(word) : (constants[word] ?? null));
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
    let hasLineFeed = false;
    for (let code = this.#code(); code <= 32 || code > 127; code = this.#code()) {
      if (code > 127 && !blank.test(this.#text[this.#at] ?? "")) break;
      hasLineFeed ||= code === 10;
      this.#at += 1;
    }
    return hasLineFeed;
  }

  /** NaN at the end. */
  #code(): number {
    return this.#text.charCodeAt(this.#at);
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

function isQuote(character: string): boolean {
  return character === '"' || character === "'";
}

/** The text of a string between its quotes. A backslash that escapes nothing stays. */
function unescaped(raw: string): string {
  if (!raw.includes("\\")) return raw;
  const mended = raw.replace(/\\(?:["\\/bfnrt]|u[\da-f]{4})|\\'|[\\"\p{Cc}]/giu, (found) => {
    if (found === "\\'") return "'";
    if (found.length > 1) return found;
    return JSON.stringify(found).slice(1, -1);
  });
  return JSON.parse(`"${mended}"`);
}
