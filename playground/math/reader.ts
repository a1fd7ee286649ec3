/** Commands, numbers, spaces, and single characters. */
const tokens = /\\[a-zA-Z]+\*?|\\[\s\S]|\d+(?:[.,]\d+)*|\s+|[\s\S]/gu;

/** Deeper nesting is not read. */
const maxDepth = 60;

/** Reads the tokens of a formula. Throws on TeX that it does not support. */
export class TexReader {
  readonly #tokens: string[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = text.match(tokens) ?? [];
  }

  /** The next token, without the spaces before it. Undefined at the end. */
  get next(): string | undefined {
    while (/^\s/.test(this.#tokens[this.#at] ?? "")) this.#at += 1;
    return this.#tokens[this.#at];
  }

  take(): string {
    const token = this.next;
    if (token === undefined) throw new SyntaxError("The formula ends early.");
    this.#at += 1;
    return token;
  }

  /** Takes the token if it is next. */
  takes(token: string): boolean {
    if (this.next !== token) return false;
    this.#at += 1;
    return true;
  }

  expect(token: string): void {
    if (!this.takes(token)) throw new SyntaxError(`${token} is missing.`);
  }

  /** The text up to a closing brace, with its spaces. */
  words(): string {
    this.expect("{");
    let text = "";
    for (let open = 1; open > 0; ) {
      const token = this.#tokens[this.#at];
      if (token === undefined) throw new SyntaxError("A brace is missing.");
      this.#at += 1;
      if (token === "{") open += 1;
      else if (token === "}") open -= 1;
      else text += token.replace(/^\\(?=[^a-zA-Z])/, "");
    }
    return text;
  }

  /** The text in square brackets, if a bracket is next. */
  option(): string | undefined {
    if (!this.takes("[")) return undefined;
    let text = "";
    while (this.next !== "]") text += this.take();
    this.take();
    return text;
  }

  nested<Result>(read: () => Result): Result {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new SyntaxError("This is nested too deeply.");
    const result = read();
    this.#depth -= 1;
    return result;
  }
}
