/** Characters before a piece in which its line may have begun. */
const leadUnits = 64;

/** Where a template writes `<think>` into the prompt, the reply has only the closing tag, on a line of its own. */
const closing = /\n[ \t]*<\/think>/;
const beginning = /<(\/?t?h?i?n?|\/?think)$/;
const opening = /<think/i;

/** Finds a `</think>` that was never opened in a text that arrives in pieces. What may be the beginning of a tag is held. */
export class LoneClosing {
  /** The last three pieces before `#held`. The text begins like a line. */
  #third = "";
  #second = "";
  #last = "\n";
  #held = "";
  #fences = 0;
  /** Backticks at the end that are no fence so far. */
  #ticks = "";
  #isOff = false;

  /** Whether it can still come. False after an opening tag. */
  get isOff(): boolean {
    return this.#isOff;
  }

  /** The text to pass on, and what follows the tag if it was found. */
  find(text: string): { text: string; after?: string } {
    const all = this.#held + text;
    const found = this.#held !== "" || text.includes("<") ? this.#search(all) : undefined;
    if (found) {
      this.#isOff = true;
      this.#held = "";
      return { text: all.slice(0, Math.max(0, found.from)), after: all.slice(found.to) };
    }
    if (this.#ticks !== "" || text.includes("`")) this.#countFences(text);
    if (this.#held === "" && !text.includes("<")) return this.#pass(text);
    this.#held = this.#isOff ? "" : (beginning.exec(all.slice(-8))?.[0] ?? "");
    return this.#pass(all.slice(0, all.length - this.#held.length));
  }

  /** What is held, because nothing more will come. */
  rest(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  #pass(text: string): { text: string } {
    if (text !== "") {
      this.#third = this.#second;
      this.#second = this.#last;
      this.#last = text;
    }
    return { text };
  }

  #countFences(text: string): void {
    const between = (this.#ticks + text).split("```");
    this.#fences += between.length - 1;
    this.#ticks = /`*$/.exec(between.at(-1)?.slice(-2) ?? "")?.[0] ?? "";
  }

  /** Where the line with the tag begins and ends, counted from the beginning of `all`. */
  #search(all: string): { from: number; to: number } | undefined {
    if (opening.test(all)) this.#isOff = true;
    if (this.#isOff || !all.includes("</think>")) return undefined;
    const lead = (this.#third + this.#second + this.#last).slice(-leadUnits);
    const match = closing.exec(lead + all);
    if (!match) return undefined;
    const from = match.index - lead.length;
    const fences = this.#fences + (this.#ticks + all.slice(0, Math.max(0, from))).split("```").length - 1;
    return fences % 2 > 0 ? undefined : { from, to: from + match[0].length };
  }
}
