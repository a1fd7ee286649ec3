import { setTimeout as sleep } from "node:timers/promises";

import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { BaseMessage } from "@langchain/core/messages";
import { AIMessage, AIMessageChunk } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";

import type { ModelCallOptions } from "../../graphs/host.ts";
import { demoAnswer, demoFinding } from "./demo-text.ts";

/** About as fast as a small model on a good day. */
const msPerWord = 12;

/** Answers without a model server, and says so: every engine and event can be seen before a key is there. */
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

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const text = this.#reply(messages);
    return { generations: [{ text, message: new AIMessage(text) }] };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    this.#onRequest();
    const words = this.#reply(messages).match(/\s*\S+|\s+$/g) ?? [];
    for (const [index, word] of words.entries()) {
      if (!options.response_format) await sleep(msPerWord, undefined, { signal: options.signal });
      const isLast = index === words.length - 1;
      const chunk = demoChunk(word, isLast ? { input: countWords(messages), output: words.length } : undefined);
      yield chunk;
      await runManager?.handleLLMNewToken(word, undefined, undefined, undefined, undefined, { chunk });
    }
  }

  #reply(messages: BaseMessage[]): string {
    const question = messages.at(-1)?.text ?? "";
    const hasHistory = messages.length > 2;
    const finding = demoFinding(this.#prompt, question, hasHistory);
    return finding ? JSON.stringify(finding) : demoAnswer(this.#prompt, question);
  }
}

function demoChunk(text: string, usage: { input: number; output: number } | undefined): ChatGenerationChunk {
  const message = new AIMessageChunk({ content: text, response_metadata: { model_name: "demo" } });
  if (usage) {
    const { input, output } = usage;
    message.usage_metadata = { input_tokens: input, output_tokens: output, total_tokens: input + output };
    message.response_metadata.finish_reason = "stop";
  }
  return new ChatGenerationChunk({ text, message });
}

function countWords(messages: BaseMessage[]): number {
  return messages.reduce((sum, { text }) => sum + text.split(/\s+/).length, 0);
}
