/** Characters that are kept to find a tag that is split between two pieces, and the beginning of its line. */
const tailUnits = 24;

/** Where a template writes `<think>` into the prompt, the reply has only the closing tag, on a line of its own. */
const closing = /(^|\n)[ \t]*<\/think>/;
const opening = /<think/i;

/** Finds a `</think>` that was never opened in a text that arrives in pieces. */
export class LoneClosing {
  #tail = "";
  #isAtStart = true;
  #fences = 0;
  #isOff = false;

  /** Whether it can still come. False after an opening tag. */
  get isOff(): boolean {
    return this.#isOff;
  }

  /** Divides the piece that has the end of the tag. Undefined for all others. */
  find(text: string): { before: string; after: string } | undefined {
    const all = this.#tail + text;
    if (text.includes("`")) this.#fences += fences(all) - fences(this.#tail);
    const found = all.includes("<") ? this.#search(all) : undefined;
    if (found === undefined) {
      this.#isAtStart &&= all.length <= tailUnits;
      this.#tail = all.slice(-tailUnits);
      return undefined;
    }
    this.#isOff = true;
    return { before: text.slice(0, Math.max(0, found.from - this.#tail.length)), after: all.slice(found.to) };
  }

  #search(all: string): { from: number; to: number } | undefined {
    if (opening.test(all)) this.#isOff = true;
    const match = this.#isOff || this.#fences % 2 > 0 ? null : closing.exec(all);
    if (!match || (match[1] === "" && !this.#isAtStart)) return undefined;
    return { from: match.index, to: match.index + match[0].length };
  }
}

function fences(text: string): number {
  return text.split("```").length - 1;
}
