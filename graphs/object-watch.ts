import type { z } from "zod";

import { fitting, type Shape } from "./fitting.ts";
import { jsonObjects } from "./json.ts";

/** In UTF-16 units: more blanks than any formatter writes behind an object, or within one. */
const maxBlanksBehind = 24;
const maxBlanks = 400;

/** How long blanks alone may come, in ms. */
const maxBlankMs = 5_000;

/** So many objects are checked at most. */
const maxObjects = 20;

/** Follows a reply as it arrives, and tells when an object that fits is complete. In linear time, so that each object is parsed once. */
export class ObjectWatch<Schema extends z.ZodObject> {
  readonly #expected: Shape<Schema>;
  readonly #now: () => number;
  /** The object that is open, and how deep. */
  #parts: string[] = [];
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #value: z.infer<Schema> | undefined;
  #blanks = 0;
  #blankSince: number | undefined;
  #hasBegun = false;
  #isEnded = false;
  #left = maxObjects;

  constructor(expected: Shape<Schema>, now: () => number = () => performance.now()) {
    this.#expected = expected;
    this.#now = now;
  }

  add(text: string): void {
    const trimmed = text.trimEnd();
    if (trimmed === "") {
      this.#blanks += text.length;
      this.#blankSince ??= this.#now();
    } else {
      this.#blanks = text.length - trimmed.length;
      this.#blankSince = undefined;
      this.#hasBegun = true;
    }
    this.#follow(text);
  }

  /** The last object so far that fits. */
  get value(): z.infer<Schema> | undefined {
    return this.#value;
  }

  /** Something other than blanks has arrived. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** An object that fits is complete, and nothing but blanks has followed. */
  get isComplete(): boolean {
    return this.#isEnded;
  }

  /** Nothing of use is to come: only blanks. */
  get isOver(): boolean {
    if (this.#isEnded && this.#blanks > maxBlanksBehind) return true;
    if (this.#blanks > maxBlanks) return true;
    return this.#blankSince !== undefined && this.#now() - this.#blankSince > maxBlankMs;
  }

  #follow(text: string): void {
    let start = 0;
    for (let at = 0; at < text.length; at += 1) {
      const character = text[at];
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (character === "\\") this.#isEscaped = true;
        else if (character === '"') this.#inString = false;
      } else if (character === "{") {
        if (this.#depth === 0) start = at;
        this.#depth += 1;
        this.#isEnded = false;
      } else if (this.#depth === 0) this.#isEnded &&= character?.trim() === "";
      else if (character === '"') this.#inString = true;
      else if (character === "}") {
        this.#depth -= 1;
        if (this.#depth === 0) this.#ended(text.slice(start, at + 1));
      }
    }
    if (this.#depth > 0) this.#parts.push(text.slice(start));
  }

  #ended(last: string): void {
    const whole = this.#parts.join("") + last;
    this.#parts = [];
    this.#left -= 1;
    if (this.#left < 0) return;
    const value = fitting(jsonObjects(whole), this.#expected);
    if (!value) return;
    this.#value = value;
    this.#isEnded = true;
  }
}
