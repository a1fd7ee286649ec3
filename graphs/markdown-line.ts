const [tab, lineFeed, carriageReturn, space] = [9, 10, 13, 32];

/** Goes through a text line by line, and through each line from left to right. A tab reaches to the next column that is a multiple of 4. */
export class MarkdownLine {
  /** The columns of white space before the next word. */
  indent = 0;
  /** The index of the next word, or of the line's end. */
  #word = 0;
  #wordColumn = 0;
  /** What is taken: all before this index, and the columns of a tab here that are `#taken`. */
  #at = 0;
  #column = 0;
  #taken = 0;
  #end = 0;
  #following = 0;
  /** From here back to where it was asked, the line is no rule. */
  #noRuleUntil = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Goes to the next line. False at the end of the text. */
  next(): boolean {
    if (this.#following >= this.#text.length) return false;
    const found = this.#text.indexOf("\n", this.#following);
    const end = found < 0 ? this.#text.length : found;
    const isWindows = end > this.#following && this.#text.charCodeAt(end - 1) === carriageReturn;
    this.#end = isWindows ? end - 1 : end;
    this.#startAt(this.#following, 0);
    this.#following = end + 1;
    this.#noRuleUntil = 0;
    return true;
  }

  /** True if only white space is left. */
  get isBlank(): boolean {
    return this.#word === this.#end;
  }

  /** The first character of the next word; a line feed if there is none. */
  get mark(): number {
    return this.isBlank ? lineFeed : this.#text.charCodeAt(this.#word);
  }

  /** How often the next word's first character is repeated. */
  get run(): number {
    const { mark } = this;
    let end = this.#word;
    while (end < this.#end && this.#text.charCodeAt(end) === mark) end += 1;
    return end - this.#word;
  }

  /** The text from the next word on. */
  get words(): string {
    return this.#text.slice(this.#word, this.#end);
  }

  /** The text that is left, with its white space. */
  get rest(): string {
    if (this.#taken === 0) return this.#text.slice(this.#at, this.#end);
    return " ".repeat(4 - (this.#column % 4)) + this.#text.slice(this.#at + 1, this.#end);
  }

  /** True if the words are a thematic break, such as `* * *`. */
  get isRule(): boolean {
    const { mark } = this;
    if (this.#word < this.#noRuleUntil) return false;
    let marks = 0;
    for (let at = this.#word; at < this.#end; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === mark) marks += 1;
      else if (code !== space && code !== tab) {
        this.#noRuleUntil = at;
        return false;
      }
    }
    return marks >= 3 && (mark === 42 || mark === 45 || mark === 95);
  }

  /** What a sticky pattern matches at the next word; empty if it does not. */
  match(pattern: RegExp): string {
    pattern.lastIndex = this.#word;
    return pattern.exec(this.#text)?.[0] ?? "";
  }

  /** Takes white space, at most so many columns of it. */
  takeSpace(columns: number): void {
    let left = Math.min(columns, this.indent);
    this.indent -= left;
    while (left > 0) {
      const width = this.#text.charCodeAt(this.#at) === tab ? 4 - (this.#column % 4) : 1;
      const part = Math.min(width, left);
      this.#column += part;
      this.#taken = part < width ? this.#taken + part : 0;
      if (part === width) this.#at += 1;
      left -= part;
    }
  }

  /** Takes the white space before the next word, and so many of its characters. */
  take(characters: number): void {
    this.#startAt(this.#word + characters, this.#wordColumn + characters);
  }

  #startAt(at: number, column: number): void {
    this.#at = at;
    this.#column = column;
    this.#taken = 0;
    let [word, wordColumn] = [at, column];
    for (; word < this.#end; word += 1) {
      const code = this.#text.charCodeAt(word);
      if (code === space) wordColumn += 1;
      else if (code === tab) wordColumn += 4 - (wordColumn % 4);
      else break;
    }
    this.#word = word;
    this.#wordColumn = wordColumn;
    this.indent = wordColumn - column;
  }
}
