import type { Host } from "../host.ts";
import { cutToBytes } from "../text.ts";
import { WholeCharacters } from "../whole-characters.ts";

/** In UTF-8. A longer answer is cut. */
const maxAnswerBytes = 1_048_576;

const blankLine = "\n\n";

/** One text of the answer: what a model call says, or a message that a node returns. */
interface Part {
  /** Shown already. */
  text: string;
  reasoning: string;
  /** To be shown. */
  nextText: string;
  nextReasoning: string;
  characters: WholeCharacters;
  isOver: boolean;
}

/** Joins the texts of a graph to one answer, in the order in which they began. A part that runs beside an earlier one is held until that one ends. */
export class Texts {
  readonly #host: Pick<Host, "delta" | "reasoning" | "restart" | "progress">;
  readonly #said: string;
  readonly #parts: Part[] = [];
  readonly #failed: Part[] = [];
  readonly #open = new Map<string, Part>();
  /** The index of the part that is shown now. */
  #current = 0;
  #hasText: boolean;
  #isAnswering: boolean;
  #left = maxAnswerBytes;

  /** `said` is what the turn has said before. */
  constructor(host: Pick<Host, "delta" | "reasoning" | "restart" | "progress">, said: string) {
    this.#host = host;
    this.#said = said;
    this.#hasText = said.trim() !== "";
    this.#isAnswering = this.#hasText;
  }

  /** The answer was cut. */
  get isCut(): boolean {
    return this.#left <= 0;
  }

  get hasText(): boolean {
    return this.#hasText;
  }

  begin(key: string): void {
    this.#dropFailed();
    const part = emptyPart();
    this.#parts.push(part);
    this.#open.set(key, part);
  }

  add(key: string, text: string, reasoning = ""): void {
    const part = this.#open.get(key);
    if (!part) return;
    part.nextReasoning += reasoning;
    part.nextText += part.characters.add(text);
    if (part === this.#parts[this.#current]) this.#showPart(part);
  }

  /** Ends a part, and returns its text. */
  end(key: string): string {
    const part = this.#open.get(key);
    if (!part) return "";
    part.nextText += part.characters.end();
    part.isOver = true;
    this.#open.delete(key);
    const whole = part.text + part.nextText;
    this.#show();
    return whole;
  }

  /** A text that comes at once. */
  whole(key: string, text: string, reasoning = ""): void {
    this.begin(key);
    this.add(key, text, reasoning);
    this.end(key);
  }

  /** The whole answer. */
  joined(): string {
    return this.#parts
      .map(({ text }) => text)
      .filter((text) => text !== "")
      .join(blankLine);
  }

  /** Ends a part that failed. What it said is taken back as soon as another one begins. */
  fail(key: string): void {
    const part = this.#open.get(key);
    this.end(key);
    if (part) this.#failed.push(part);
  }

  /** Takes back what a part has said. It may go on, with other text. */
  takeBack(key: string, reasoning = ""): void {
    const part = this.#open.get(key);
    if (!part) return;
    const wasSeen = part.text !== "" || part.reasoning !== "";
    Object.assign(part, emptyPart(), { nextReasoning: reasoning });
    if (wasSeen) this.#again();
    this.#show();
  }

  #dropFailed(): void {
    if (this.#failed.length === 0) return;
    const failed = this.#failed.splice(0);
    const wasSeen = failed.some(({ text, reasoning }) => text !== "" || reasoning !== "");
    for (const part of failed) this.#parts.splice(this.#parts.indexOf(part), 1);
    this.#again(wasSeen);
  }

  #again(wasSeen = true): void {
    this.#current = 0;
    if (!wasSeen) return;
    this.#host.restart();
    this.#host.delta(this.#said);
    this.#hasText = this.#said.trim() !== "";
    for (const part of this.#parts) {
      part.nextText = part.text + part.nextText;
      part.nextReasoning = part.reasoning + part.nextReasoning;
      part.text = "";
      part.reasoning = "";
    }
    this.#left = maxAnswerBytes;
    this.#show();
  }

  #show(): void {
    for (let part = this.#parts[this.#current]; part; part = this.#parts[this.#current]) {
      this.#showPart(part);
      if (!part.isOver) return;
      this.#current += 1;
    }
  }

  #showPart(part: Part): void {
    if (part.nextReasoning !== "") {
      this.#host.reasoning(part.nextReasoning);
      part.reasoning += part.nextReasoning;
      part.nextReasoning = "";
    }
    if (part.nextText === "") return;
    if (part.text === "") {
      if (part.nextText.trim() === "") return;
      if (!this.#isAnswering) this.#host.progress({ type: "answering" });
      this.#isAnswering = true;
      if (this.#hasText) this.#say(blankLine);
      this.#hasText = true;
    }
    this.#say(part.nextText);
    part.text += part.nextText;
    part.nextText = "";
  }

  #say(text: string): void {
    const piece = cutToBytes(text, this.#left);
    if (piece !== "") this.#host.delta(piece);
    this.#left = piece.length < text.length ? 0 : this.#left - Buffer.byteLength(piece);
  }
}

function emptyPart(): Part {
  return { text: "", reasoning: "", nextText: "", nextReasoning: "", characters: new WholeCharacters(), isOver: false };
}
