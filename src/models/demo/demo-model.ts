import { setTimeout as sleep } from "node:timers/promises";

import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk, BaseMessage, UsageMetadata } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";

import type { ModelCallOptions } from "../../../graphs/chat-model.ts";
import type { Piece } from "../reading/piece.ts";
import { generationChunks, WholeReply } from "../reply.ts";
import { questionIn } from "./question-in.ts";
import { demoFinding, demoReply } from "./replies.ts";
import { filled } from "./schema.ts";
import { demoCall } from "./tools.ts";
import { topicOf } from "./topic-of.ts";

interface DemoSettings {
  /** Name of the prompt. */
  prompt: string;
  /** Time between two words. 0 gives the whole reply at once. */
  wordMs: number;
  onRequest: () => void;
}

/** A reply with a schema comes all at once, after the time that this many words take. */
const findingWords = 40;

/** A call of a tool likewise. */
const callWords = 20;

/** Gives canned answers without a model server, so that every engine and event can be tried without a key. */
export class DemoModel extends BaseChatModel<ModelCallOptions, AIMessageChunk> {
  readonly #settings: DemoSettings;

  constructor(settings: DemoSettings) {
    super({});
    this.#settings = settings;
  }

  override _llmType() {
    return "demo";
  }

  override async _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    const whole = new WholeReply();
    for await (const piece of this.#pieces(messages, options)) {
      whole.add(piece);
      if (piece.reasoning) options.onReasoning?.(piece.reasoning);
      if (piece.text && options.onText?.(piece.text, piece.model) === false) break;
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
    const { wordMs, onRequest } = this.#settings;
    onRequest();
    const call = demoCall(messages, options.tools);
    if (call) {
      if (wordMs > 0) await sleep(wordMs * callWords, undefined, { signal: options.signal });
      yield { text: "", model: "demo", toolCalls: [call], finish: "tool_calls", usage: usageOf(messages, callWords) };
      return;
    }
    const finding = this.#finding(messages, options);
    const { text, reasoning = "" } = finding ? { text: finding } : demoReply(this.#settings.prompt, messages);
    const [thoughts, words] = [wordsOf(reasoning), finding ? [text] : wordsOf(text)];
    const usage = usageOf(messages, wordsOf(reasoning + text).length);
    const { signal } = options;
    if (finding && wordMs > 0) await sleep(wordMs * findingWords, undefined, { signal });
    for (const thought of thoughts) {
      if (wordMs > 0) await sleep(wordMs, undefined, { signal });
      yield { text: "", reasoning: thought, model: "demo" };
    }
    for (const [index, word] of words.entries()) {
      if (!finding && wordMs > 0) await sleep(wordMs, undefined, { signal });
      yield { text: word, model: "demo", ...(index === words.length - 1 && { finish: "stop", usage }) };
    }
  }

  /** As JSON. Undefined if a text is expected. */
  #finding(messages: BaseMessage[], { response_format }: ModelCallOptions): string | undefined {
    if (!response_format) return undefined;
    const topic = topicOf(questionIn(messages.at(-1)));
    const known = demoFinding(this.#settings.prompt, topic);
    return JSON.stringify(known ?? filled(response_format.json_schema.schema, topic.subject));
  }
}

function wordsOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/** Counts words as tokens. */
function usageOf(messages: BaseMessage[], output_tokens: number): UsageMetadata {
  const input_tokens = messages.reduce((sum, { text }) => sum + text.split(/\s+/).length, 0);
  return { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
}
