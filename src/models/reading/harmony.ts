import type { Divided } from "./piece.ts";

const mark = /<\|(start|channel|constrain|message|end|return|call)\|>/g;

/** Longest mark, without its last character. */
const maxHeldUnits = "<|constrain|>".length - 1;

/** Longer headers are cut. */
const maxHeaderUnits = 200;

/** Divides gpt-oss's raw output. What is in the channel `final` is the answer; what is in other channels is reasoning. */
export class Harmony {
  #held = "";
  /** Undefined outside of a header. */
  #header: string | undefined = "";
  #channel = "final";

  static beginsIn(text: string): boolean {
    return text.startsWith("<|channel|>") || text.startsWith("<|start|>");
  }

  divide(text: string): Divided {
    const divided = { text: "", reasoning: "" };
    const all = this.#held + text;
    let from = 0;
    for (const match of all.matchAll(mark)) {
      this.#give(divided, all.slice(from, match.index));
      this.#enter(match[1]);
      from = match.index + match[0].length;
    }
    const open = all.indexOf("<", Math.max(from, all.length - maxHeldUnits));
    const to = open >= 0 ? open : all.length;
    this.#give(divided, all.slice(from, to));
    this.#held = all.slice(to);
    return divided;
  }

  rest(): Divided {
    const divided = { text: "", reasoning: "" };
    this.#give(divided, this.#held);
    this.#held = "";
    return divided;
  }

  #enter(name: string | undefined): void {
    if (name === "start" || name === "channel") this.#header = "";
    else if (name === "message") {
      this.#channel = this.#header?.trim().split(/\s/)[0] || "final";
      this.#header = undefined;
    } else if (name !== "constrain") {
      // Text behind an end is an answer whose marks were removed.
      this.#channel = "final";
      this.#header = undefined;
    }
  }

  #give(divided: Divided, text: string): void {
    if (this.#header !== undefined) this.#header = (this.#header + text).slice(0, maxHeaderUnits);
    else if (this.#channel === "final") divided.text += text;
    else divided.reasoning += text;
  }
}
