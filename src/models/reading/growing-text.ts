/** With only two parts, the second repeating the first, the first has to be this long to count as the text so far. */
const clearlyRepeated = 16;

/**
 * A text that arrives in parts, or each time as the whole so far, or in parts and then once more as a whole. Gives what is new. If the second
 * part begins with the first, it is held until the third part shows which way it is.
 */
export class GrowingText {
  #soFar = "";
  #held = "";
  #way: "unknown" | "parts" | "whole" = "unknown";

  get soFar(): string {
    return this.#soFar;
  }

  add(part: string): string {
    if (this.#way === "parts") {
      this.#soFar += part;
      return part;
    }
    if (part === "") return "";
    if (this.#soFar === "") return this.#append(part);
    if (this.#way === "whole") {
      if (this.#soFar.startsWith(part)) return "";
      return part.startsWith(this.#soFar) ? this.#replace(part) : this.#append(part);
    }
    if (this.#held === "") {
      if (part.length > this.#soFar.length && part.startsWith(this.#soFar)) {
        this.#held = part;
        return "";
      }
      this.#way = "parts";
      return this.#append(part);
    }
    const held = this.#held;
    this.#held = "";
    this.#way = part.startsWith(held) ? "whole" : "parts";
    return this.#way === "whole" ? this.#replace(part) : this.#append(held + part);
  }

  /** The whole text, after its parts. If it differs from them, the parts count. */
  addWhole(text: string): string {
    const more = text.startsWith(this.#held) ? "" : this.rest();
    this.#held = "";
    return text.startsWith(this.#soFar) ? more + this.#replace(text) : more;
  }

  /** What is held, because nothing more will come. */
  rest(): string {
    const held = this.#held;
    if (held === "") return "";
    this.#held = "";
    this.#way = this.#soFar.length < clearlyRepeated ? "parts" : "whole";
    return this.#way === "whole" ? this.#replace(held) : this.#append(held);
  }

  #append(part: string): string {
    this.#soFar += part;
    return part;
  }

  /** Sets the whole text, which begins with the text so far. */
  #replace(text: string): string {
    const more = text.slice(this.#soFar.length);
    this.#soFar = text;
    return more;
  }
}
