import { AIMessage, type BaseMessage, HumanMessage, SystemMessage } from "@langchain/core/messages";
import { tokensOfImages, withFiles } from "./attached/asked.ts";
import type { ChatModel } from "./chat-model.ts";
import type { Composed } from "./compose.ts";
import type { Host, Memory } from "./host.ts";
import { cutToTokens, mostTokensOf, tokensOf, tokensPerMessage } from "./tokens.ts";

/** How often the memory of a call is shortened for one model after an overflow, at most. */
const maxCuts = 3;

/** How much of the room is left for files after so many cuts. */
const fileShares = [1, 0.5, 0.2, 0];

/** Less of an exchange is of no use. */
const minExchangeTokens = 40;

const leftOut =
  "Older turns of the conversation were left out of this answer, because the model's context is too short for them.";

/** The messages of a call's requests, with as much memory as the model has room for. */
export class RequestMessages {
  readonly #composed: Composed;
  readonly #host: Pick<Host, "warn" | "memoryRoom">;
  /** The request sent last, and what it had of the memory. `others` are the tokens of the rest, if they were counted. */
  #sent: {
    model?: ChatModel;
    messages: BaseMessage[];
    memory: Memory;
    others?: number;
    hasBegun?: boolean;
    warnings?: readonly string[];
  };
  /** Of the memory of requests to this model, after overflows. */
  #most = Number.POSITIVE_INFINITY;
  #cuts = 0;
  /** A model whose server has refused images. */
  #blind: ChatModel | undefined;

  constructor(composed: Composed, host: Pick<Host, "warn" | "memoryRoom">) {
    this.#composed = composed;
    this.#host = host;
    this.#sent = { messages: [], memory: composed.memory };
  }

  /** The messages of the next request. `addition` is added to the instructions. */
  fitting(model: ChatModel, addition = ""): BaseMessage[] {
    if (model !== this.#sent.model) {
      this.#most = Number.POSITIVE_INFINITY;
      this.#cuts = 0;
    }
    const whole = this.#composed.memory;
    const room = model.room?.tokens ?? Number.POSITIVE_INFINITY;
    const { question, warnings } = this.#question(model, room, addition);
    const mayBeLong =
      this.#cuts > 0 || (room < Number.POSITIVE_INFINITY && this.#mostTokens(addition, question) > room);
    const others = mayBeLong ? this.#tokensOfOthers(addition, question) : undefined;
    const memory = others === undefined ? whole : this.#shortened(Math.min(this.#most, room - others));
    this.#sent = { model, messages: this.#messages(memory, addition, question), memory, others, warnings };
    return this.#sent.messages;
  }

  /** The question, with as much of its files as the model has room for. */
  #question(
    model: ChatModel,
    room: number,
    addition: string,
  ): { question: HumanMessage; warnings?: readonly string[] } {
    const { question, attached, gave, memory } = this.#composed;
    if (!attached) return { question };
    const frame = tokensOf(gave("")) + tokensPerMessage;
    const tokens = Math.max(0, room - this.#tokensOfOthers(addition, question) - frame);
    const ofMemory = countAll(memory.messages) + this.#tokensOfSummary(memory.summary);
    const space = { tokens, memory: ofMemory, share: fileShares[this.#cuts] ?? 0 };
    const reader = { name: model.name, sees: model !== this.#blind && model.sees !== false };
    const { message, warnings } = withFiles({ question: textOf(question), attached, gave }, reader, space);
    return { question: message, warnings };
  }

  /** The reply has begun: whatever happens now, the request itself was not too long. */
  begun(): void {
    this.#sent.hasBegun = true;
  }

  /** The model answered the request. */
  answered(): void {
    const { model, messages, memory, others, warnings = [] } = this.#sent;
    for (const warning of warnings) this.#host.warn(warning);
    if (others === undefined || !model?.room) return;
    const whole = this.#composed.memory;
    model.room.answered(countAll(messages));
    this.#host.memoryRoom(Math.max(0, model.room.tokens - others - this.#tokensOfSummary(memory.summary)));
    if (memory.messages !== whole.messages || memory.summary !== whole.summary) this.#host.warn(leftOut);
  }

  /** The model refused the request as too long; `limit` is its context, if it told. Returns false if no memory is left to leave out. */
  shorten(model: ChatModel, limit: number | undefined): boolean {
    const { messages, memory, hasBegun } = this.#sent;
    if (!hasBegun) model.room?.refused(countAll(messages), limit);
    const tokens = countAll(memory.messages) + this.#tokensOfSummary(memory.summary);
    if ((tokens === 0 && !this.#composed.attached) || this.#cuts === maxCuts) return false;
    this.#cuts += 1;
    this.#most = this.#cuts === maxCuts ? 0 : Math.floor(tokens / 2);
    return true;
  }

  /** The server of the model takes no images. Returns false if the request had none. */
  withoutImages(model: ChatModel): boolean {
    if (!this.#sent.messages.some((message) => tokensOfImages(message) > 0)) return false;
    this.#blind = model;
    model.cannotSee?.();
    return true;
  }

  /** True if a request is too long for the model even without memory. */
  exceed(model: ChatModel | undefined): boolean {
    return model?.room !== undefined && this.#tokensOfOthers("", this.#composed.question) > model.room.tokens;
  }

  /** No request has more. */
  #mostTokens(addition: string, question: HumanMessage): number {
    const { instructions, told, memory } = this.#composed;
    const texts = [instructions, memory.summary && told(memory.summary), addition, textOf(question)];
    const all = [...texts, ...memory.messages.map(textOf)];
    return all.reduce((sum, text) => sum + mostTokensOf(text) + tokensPerMessage, tokensOfImages(question));
  }

  #tokensOfOthers(addition: string, question: HumanMessage): number {
    const instructions = tokensOf(this.#composed.instructions) + tokensOf(addition) + tokensPerMessage;
    return instructions + countAll([question]);
  }

  #tokensOfSummary(summary: string): number {
    return summary === "" ? 0 : tokensOf(this.#composed.told(summary));
  }

  /** The summary and the latest messages; at the second cut only the last exchange. */
  #shortened(limit: number): Memory {
    const { memory } = this.#composed;
    const isLastOnly = this.#cuts > 1;
    const summary = isLastOnly ? "" : this.#shortSummary(Math.floor(limit / 2));
    const left = limit - this.#tokensOfSummary(summary);
    const messages = isLastOnly ? [] : newest(memory.messages, left);
    return { summary, messages: messages.length > 0 ? messages : lastExchange(memory.messages, left) };
  }

  #shortSummary(limit: number): string {
    const { summary } = this.#composed.memory;
    const tokens = this.#tokensOfSummary(summary);
    if (tokens <= limit) return summary;
    const frame = tokens - tokensOf(summary);
    return limit < frame + minExchangeTokens ? "" : cutToTokens(summary, limit - frame);
  }

  #messages({ summary, messages }: Memory, addition: string, question: HumanMessage): BaseMessage[] {
    const { instructions, told } = this.#composed;
    const parts = [instructions, summary && told(summary), addition].filter(Boolean);
    return [new SystemMessage(parts.join("\n\n").toWellFormed()), ...messages, question];
  }
}

/** As `tokensOf` estimates them. */
export function countAll(messages: readonly BaseMessage[]): number {
  const count = (message: BaseMessage) => tokensOf(textOf(message)) + tokensOfImages(message) + tokensPerMessage;
  return messages.reduce((sum, message) => sum + count(message), 0);
}

/** The newest messages that fit, beginning with a user's. */
function newest(messages: readonly BaseMessage[], limit: number): readonly BaseMessage[] {
  let left = limit;
  let first = messages.length;
  for (let index = first - 1; index >= 0; index -= 1) {
    const message = messages[index];
    left -= (message ? tokensOf(textOf(message)) : 0) + tokensPerMessage;
    if (left < 0) break;
    if (index === 0 || HumanMessage.isInstance(message)) first = index;
  }
  return first === 0 ? messages : messages.slice(first);
}

/** The last question and its answer, cut. */
function lastExchange(messages: readonly BaseMessage[], limit: number): readonly BaseMessage[] {
  if (messages.length === 0) return messages;
  const first = messages.findLastIndex((message) => HumanMessage.isInstance(message));
  if (first < 0 || limit < minExchangeTokens) return [];
  let left = limit;
  return messages.slice(first).map((message, index, { length }) => {
    const share = Math.floor(left / (length - index)) - tokensPerMessage;
    const whole = textOf(message);
    const short = cutToTokens(whole, share - 1);
    const text = short === whole ? short : `${short} …`;
    left -= tokensOf(text) + tokensPerMessage;
    return AIMessage.isInstance(message) ? new AIMessage(text) : new HumanMessage(text);
  });
}

/** `message.text` takes a hundred times as long. */
function textOf(message: BaseMessage): string {
  return typeof message.content === "string" ? message.content : message.text;
}
