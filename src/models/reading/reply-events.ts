import { isFields } from "../http/error-text.ts";
import { reasoningIn, saidIn } from "./content.ts";
import { finishOf } from "./finish.ts";
import { GrowingText } from "./growing-text.ts";
import { broken, type Divided, type Piece, refused } from "./piece.ts";
import { ReasoningTags } from "./reasoning-tags.ts";
import { RepeatedEvent } from "./repeated-event.ts";
import { errorIn, isError, replyError } from "./reply-error.ts";
import { toolParts } from "./tool-calls.ts";
import { usageOf } from "./usage.ts";

/** In UTF-16 units, for a whole reply. What is beyond them fails the reply, except for reasoning, which is cut. */
const maxUnits = { text: 16_777_216, reasoning: 1_048_576, tools: 262_144 };

const maxNameUnits = 200;

type Fields = Record<string, unknown>;

/** What the events of a reply mean. Throws an HttpError or a ModelFailure if the reply failed, was refused, or is malformed. */
export class ReplyEvents {
  readonly #secrets: string[];
  readonly #content = new GrowingText();
  readonly #thinking = new GrowingText();
  readonly #tags = new ReasoningTags();
  readonly #left = { ...maxUnits };
  readonly #repeated = new RepeatedEvent();
  #hasDelta = false;
  /** A message that is not a delta was read. */
  hasMessage = false;
  /** Text or a tool call was read. */
  hasContent = false;
  /** A finish reason was read. `early`: with text, or before text, as some gateways send it with every piece. */
  finish: "none" | "early" | "last" = "none";
  hasUsage = false;
  /** Text came after a finish reason, so that finish reasons do not mean the end. */
  isFinishUnsure = false;

  constructor(secrets: string[]) {
    this.#secrets = secrets;
  }

  /** Adds an event of the commonest kind: one that differs from an earlier one only in its content. Returns false for all others. */
  addRepeated(piece: Piece, json: string): boolean {
    const content = this.#repeated.contentIn(json);
    if (content === undefined) return false;
    piece.model ??= this.#repeated.model;
    const textBefore = this.#left.text;
    this.#addContent(piece, content, false);
    if (this.#left.text < textBefore && this.finish !== "none") this.isFinishUnsure = true;
    return true;
  }

  /** `json` is the event's text, if it can be learned from. */
  add(piece: Piece, event: Fields, json?: string): void {
    const error = errorIn(event);
    if (error !== undefined) throw replyError(error, this.#secrets);
    const { choices, usage, x_groq } = event;
    const model = nameIn(event.model);
    if (model) piece.model = model;
    const choice = firstOf(choices);
    if (choice) this.#addChoice(piece, choice);
    if (usage || choice?.usage || x_groq)
      this.#addUsage(piece, [usage, choice?.usage, isFields(x_groq) && x_groq.usage]);
    else if (json && choice && !choice.finish_reason && isFields(choice.delta)) {
      const { content, role: _role, ...others } = choice.delta;
      const isAlone = typeof content === "string" && Object.values(others).every((value) => value === null);
      if (isAlone) this.#repeated.learn(json, content, model);
    }
  }

  #addUsage(piece: Piece, candidates: unknown[]): void {
    const usage = usageOf(...candidates);
    if (!usage) return;
    piece.usage = usage;
    this.hasUsage = true;
  }

  /** Adds what was held, because nothing more will come. */
  close(piece: Piece): void {
    const reasoning = this.#thinking.rest();
    if (reasoning) this.#addReasoning(piece, reasoning);
    const text = this.#content.rest();
    if (text) this.#divide(piece, this.#tags.divide(text));
    this.#divide(piece, this.#tags.rest());
  }

  #addChoice(piece: Piece, choice: Fields): void {
    const { delta, message, finish_reason, error } = choice;
    if (isError(error)) throw replyError({ error }, this.#secrets);
    const isDelta = isFields(delta) && (!isFields(message) || Object.keys(delta).length > 0);
    const said = fields(isDelta ? delta : (message ?? delta)) ?? { content: choice.text };
    const textBefore = this.#left.text;
    this.#addMessage(piece, said, !isDelta && this.#hasDelta);
    this.#hasDelta ||= isDelta;
    this.hasMessage ||= isFields(message) && !isDelta;
    const hasText = this.#left.text < textBefore;
    if (hasText && this.finish !== "none") this.isFinishUnsure = true;
    if (finish_reason === null || finish_reason === undefined) return;
    if (typeof finish_reason !== "string") throw broken("The reply has a malformed finish reason.");
    this.#addFinish(piece, finish_reason, hasText && isDelta, choice);
  }

  #addFinish(piece: Piece, given: string, hasText: boolean, choice: Fields): void {
    const finish = finishOf(given);
    if (!finish) return;
    if (finish.type === "refused") throw refused();
    if (finish.type === "failed")
      throw replyError({ ...choice, type: finish.reason, message: `Finish reason: ${finish.reason}` }, this.#secrets);
    piece.finish = finish.reason;
    this.finish = hasText ? "early" : "last";
  }

  #addMessage(piece: Piece, message: Fields, isWhole: boolean): void {
    const { content, refusal, tool_calls, function_call } = message;
    if (typeof refusal === "string" && refusal.trim() !== "") throw refused();
    if (typeof content === "string") this.#addContent(piece, content, isWhole);
    else if (content !== null && content !== undefined) {
      const said = saidIn(content);
      if (said.reasoning) this.#addReasoning(piece, grown(this.#thinking, said.reasoning, isWhole));
      this.#addContent(piece, said.text, isWhole);
    }
    const reasoning = reasoningIn(message);
    if (reasoning) this.#addReasoning(piece, grown(this.#thinking, reasoning, isWhole));
    if (tool_calls) this.#addTools(piece, tool_calls, isWhole);
    else if (function_call) this.#addTools(piece, [{ function: function_call }], isWhole);
  }

  #addContent(piece: Piece, content: string, isWhole: boolean): void {
    if (content === "") return;
    this.hasContent = true;
    const text = grown(this.#content, content, isWhole);
    if (text) this.#divide(piece, this.#tags.divide(text));
  }

  #divide(piece: Piece, { text, reasoning, isRestart }: Divided): void {
    if (isRestart) {
      reasoning = piece.text + reasoning;
      piece.text = "";
      piece.isRestart = true;
    }
    if (reasoning) this.#addReasoning(piece, reasoning);
    if (text) this.#addText(piece, text);
  }

  #addText(piece: Piece, text: string): void {
    this.#left.text -= text.length;
    if (this.#left.text < 0) throw broken("The reply is too long.");
    piece.text += text;
  }

  #addReasoning(piece: Piece, reasoning: string): void {
    const kept = reasoning.length <= this.#left.reasoning ? reasoning : reasoning.slice(0, this.#left.reasoning);
    this.#left.reasoning -= kept.length;
    if (kept) piece.reasoning = (piece.reasoning ?? "") + kept;
  }

  #addTools(piece: Piece, calls: unknown, isWhole: boolean): void {
    const parts = toolParts(calls, isWhole);
    for (const { name = "", args = "", id = "" } of parts)
      this.#left.tools -= name.length + args.length + id.length + 1;
    if (this.#left.tools < 0) throw broken("The arguments of the reply's tool calls are too long.");
    if (parts.length === 0) return;
    this.hasContent = true;
    piece.toolCalls ??= [];
    piece.toolCalls.push(...parts);
  }
}

function nameIn(model: unknown): string | undefined {
  return typeof model === "string" && model !== "" && model.length <= maxNameUnits ? model : undefined;
}

function grown(text: GrowingText, part: string, isWhole: boolean): string {
  return isWhole ? text.addWhole(part) : text.add(part);
}

function firstOf(choices: unknown): Fields | undefined {
  if (choices === null || choices === undefined) return undefined;
  if (!Array.isArray(choices)) throw broken("The reply has malformed choices.");
  return fields(choices[0]);
}

/** Undefined for null. Throws if it is no object. */
function fields(value: unknown): Fields | undefined {
  if (value === null || value === undefined) return undefined;
  if (isFields(value)) return value;
  throw broken("The reply has a malformed choice.");
}
