import { setTimeout as sleep } from "node:timers/promises";

import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk, BaseMessage, UsageMetadata } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";

import type { ModelCallOptions } from "../../graphs/host.ts";
import { demoAnswer, demoFinding } from "./demo-text.ts";
import type { Piece } from "./reading/piece.ts";
import { generationChunks, WholeReply } from "./reply.ts";

/** Roughly the speed of a small model. */
const msPerWord = 12;

/** Gives canned answers without a model server, so that every engine and event can be tried without a key. */
export class DemoModel extends BaseChatModel<ModelCallOptions, AIMessageChunk> {
  readonly #prompt: string;
  readonly #onRequest: () => void;

  constructor({ prompt, onRequest }: { prompt: string; onRequest: () => void }) {
    super({});
    this.#prompt = prompt;
    this.#onRequest = onRequest;
  }

  override _llmType() {
    return "demo";
  }

  override async _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    const whole = new WholeReply();
    for await (const piece of this.#pieces(messages, options)) {
      whole.add(piece);
      if (options.onText?.(piece.text, piece.model) === false) break;
    }
    const message = whole.message();
    return { generations: [{ text: message.text, message }] };
  }

  override _streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    return generationChunks(this.#pieces(messages, options), options, runManager);
  }

  async *#pieces(messages: BaseMessage[], options: this["ParsedCallOptions"]): AsyncGenerator<Piece> {
    this.#onRequest();
    const words = this.#reply(messages).match(/\s*\S+|\s+$/g) ?? [];
    for (const [index, text] of words.entries()) {
      if (!options.response_format) await sleep(msPerWord, undefined, { signal: options.signal });
      const isLast = index === words.length - 1;
      yield { text, model: "demo", ...(isLast && { finish: "stop", usage: usageOf(messages, words.length) }) };
    }
  }

  #reply(messages: BaseMessage[]): string {
    const question = messages.at(-1)?.text ?? "";
    const finding = demoFinding(this.#prompt, question);
    return finding ? JSON.stringify(finding) : demoAnswer(this.#prompt, question, messages[0]?.text ?? "");
  }
}

/** Counts words as tokens. */
function usageOf(messages: BaseMessage[], output_tokens: number): UsageMetadata {
  const input_tokens = messages.reduce((sum, { text }) => sum + text.split(/\s+/).length, 0);
  return { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
}
