/** Passes on the pieces of a text: a character that is split between two pieces comes whole, and lone surrogates are replaced. */
export class WholeCharacters {
  /** The first half of a character, at the end of the last piece. */
  #half = "";

  add(piece: string): string {
    const text = this.#half + piece;
    const last = text.charCodeAt(text.length - 1);
    const isHalf = last >= 0xd800 && last <= 0xdbff;
    this.#half = isHalf ? text.slice(-1) : "";
    return (isHalf ? text.slice(0, -1) : text).toWellFormed();
  }

  /** What is left at the end of the text. */
  end(): string {
    const rest = this.#half.toWellFormed();
    this.#half = "";
    return rest;
  }
}
