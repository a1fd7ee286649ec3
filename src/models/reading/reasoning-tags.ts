import { Harmony } from "./harmony.ts";
import { LoneClosing } from "./lone-closing.ts";
import type { Divided } from "./piece.ts";

/** How models mark their thinking at the head of the content. */
const tags = [
  ["<think>", "</think>"],
  ["<thinking>", "</thinking>"],
  ["<thought>", "</thought>"],
  ["<reasoning>", "</reasoning>"],
  ["<seed:think>", "</seed:think>"],
  ["<|begin_of_thought|>", "<|end_of_thought|>"],
  ["<|channel>thought", "<channel|>"],
  ["<unused94>thought", "<unused95>"],
  ["[think]", "[/think]"],
  ["◁think▷", "◁/think▷"],
].map(([opening = "", closing = ""]) => {
  return { opening, closing, pattern: new RegExp(closing.replace(/[[|]/g, "\\$&"), "i") };
});

const marks = ["<|channel|>", "<|start|>"];

/** A tag may stand behind this many blanks. */
const maxBlanks = 1024;

/**
 * Divides content into reasoning and answer. Only tags at the head of the content count, and a closing tag that was never opened. What may be
 * the beginning of a tag is held until more comes.
 */
export class ReasoningTags {
  #state: "head" | "inside" | "behind" | "answer" | "off" = "head";
  #held = "";
  #tag = tags[0];
  #isEmpty = true;
  #harmony: Harmony | undefined;
  readonly #lone = new LoneClosing();

  divide(text: string): Divided {
    if (this.#state === "off" || text === "") return { text, reasoning: "" };
    if (this.#harmony) return this.#harmony.divide(text);
    if (this.#state === "answer") return this.#answer(text);
    this.#held += text;
    const divided: Divided = { text: "", reasoning: "" };
    return this.#run(divided);
  }

  /** What is held, because nothing more will come. */
  rest(): Divided {
    if (this.#harmony) return this.#harmony.rest();
    const held = this.#held;
    this.#held = "";
    if (this.#state === "inside") return { text: "", reasoning: held };
    return { text: (this.#state === "behind" ? held.trimStart() : held) + this.#lone.rest(), reasoning: "" };
  }

  #run(divided: Divided): Divided {
    while (this.#state === "inside" ? this.#inside(divided) : this.#head(divided));
    return divided;
  }

  /** Looks for an opening tag. Returns true if there was one. */
  #head(divided: Divided): boolean {
    const text = this.#held.trimStart();
    const isFirst = this.#state === "head";
    if (!isFirst) this.#held = text;
    if (text === "" && this.#held.length < maxBlanks) return false;
    const head = text.slice(0, 24).toLowerCase();
    this.#tag = tags.find(({ opening }) => head.startsWith(opening));
    if (this.#tag) {
      this.#held = text.slice(this.#tag.opening.length);
      this.#state = "inside";
      return true;
    }
    if (isFirst && Harmony.beginsIn(text)) {
      this.#harmony = new Harmony();
      Object.assign(divided, this.#harmony.divide(text));
      return false;
    }
    const mayBegin = (opening: string) => opening.startsWith(head);
    if (text !== "" && (tags.some(({ opening }) => mayBegin(opening)) || (isFirst && marks.some(mayBegin))))
      return false;
    this.#state = isFirst ? "answer" : "off";
    const held = this.#held;
    this.#held = "";
    const { text: answer, reasoning, isRestart } = isFirst ? this.#answer(held) : { text: held, reasoning: "" };
    divided.text = answer;
    divided.reasoning += reasoning;
    if (isRestart) divided.isRestart = true;
    return false;
  }

  /** Looks for the closing tag. Returns true if it is there. */
  #inside(divided: Divided): boolean {
    const { closing = "", pattern = /$/ } = this.#tag ?? {};
    if (this.#isEmpty) this.#held = this.#held.trimStart();
    const end = this.#held.search(pattern);
    const open = this.#held.indexOf(closing.charAt(0), Math.max(0, this.#held.length - closing.length + 1));
    const to = end >= 0 ? end : open >= 0 ? open : this.#held.length;
    this.#isEmpty &&= to === 0;
    divided.reasoning += this.#held.slice(0, to);
    this.#held = this.#held.slice(end >= 0 ? to + closing.length : to);
    if (end < 0) return false;
    this.#state = "behind";
    this.#isEmpty = true;
    return true;
  }

  #answer(given: string): Divided {
    const { text, after } = this.#lone.find(given);
    if (this.#lone.isOff) this.#state = "off";
    if (after === undefined) return { text, reasoning: "" };
    this.#state = "behind";
    this.#held = after.trimStart();
    return this.#run({ text: "", reasoning: text, isRestart: true });
  }
}
