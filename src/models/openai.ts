import { setTimeout as sleep } from "node:timers/promises";
import { CallbackManager, type CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";
import type { RunnableConfig } from "@langchain/core/runnables";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { ChatOpenAICompletions, convertMessagesToCompletionsMessageParams } from "@langchain/openai";

import type { ModelCallOptions } from "../../graphs/host.ts";
import { attempt } from "./attempt.ts";
import type { Piece } from "./reading/piece.ts";
import { retryDelayMs, toFailure } from "./failures.ts";
import type { Endpoint } from "./http/endpoint.ts";
import { pulled } from "./pulled.ts";
import { generationChunks, WholeReply } from "./reply.ts";

export interface OpenAISettings {
  endpoint: Endpoint;
  model: string;
  temperature?: number;
  maxTokens?: number;
  topP?: number;
  /** Retries before the first token. */
  retries: number;
  /** Longest silence before the first token, and between two reads. */
  silenceMs: number;
  onRequest: () => void;
}

/**
 * LangChain's OpenAI chat model with our own transport. Each network read becomes one piece, silence has a limit, and refusals and cut streams
 * are failures. A request is retried only if no text of its reply was passed on.
 */
export class StreamingOpenAI extends ChatOpenAICompletions {
  readonly #settings: OpenAISettings;

  constructor(settings: OpenAISettings) {
    const { model, temperature, maxTokens, topP } = settings;
    super({ model, temperature, maxTokens, topP });
    this.#settings = settings;
  }

  /** Skips LangChain's callback machinery if there are no callbacks and no tracing. */
  override async invoke(
    input: BaseLanguageModelInput,
    options: this["ParsedCallOptions"] & ModelCallOptions = {},
  ): Promise<AIMessageChunk> {
    // Set if the call comes from a graph's node.
    const inherited: RunnableConfig | undefined = AsyncLocalStorageProviderSingleton.getRunnableConfig();
    const callbacks = options.callbacks ?? inherited?.callbacks;
    const hasCallbacks = CallbackManager.configure(callbacks, this.callbacks) !== undefined || this.verbose;
    if (hasCallbacks) return super.invoke(input, options);
    const messages = StreamingOpenAI._convertInputToPromptValue(input).toChatMessages();
    const { generations } = await this._generate(messages, { ...options, signal: options.signal ?? inherited?.signal });
    return generations[0]?.message as AIMessageChunk; // LangChain's own implementation returns an AIMessage here too
  }

  /** Calls `onText` directly, which avoids LangChain's overhead per chunk. */
  override async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"] & ModelCallOptions,
  ): Promise<ChatResult> {
    const whole = new WholeReply();
    await this.#ask(messages, options, (piece) => {
      whole.add(piece);
      if (piece.reasoning) options.onReasoning?.(piece.reasoning);
      return piece.text === "" || options.onText?.(piece.text, piece.model) !== false;
    });
    const message = whole.message();
    return { generations: [{ text: message.text, message }] };
  }

  override _streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"] & ModelCallOptions,
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const pieces = pulled<Piece>((push, closed) => {
      const signal = options.signal ? AbortSignal.any([options.signal, closed]) : closed;
      return this.#ask(messages, { ...options, signal }, push);
    });
    return generationChunks(pieces, options, runManager);
  }

  /** The base class builds these events from our chunks. `ChatOpenAICompletions` would use its own client. */
  override _streamChatModelEvents(
    ...args: Parameters<ChatOpenAICompletions["_streamChatModelEvents"]>
  ): ReturnType<ChatOpenAICompletions["_streamChatModelEvents"]> {
    return BaseChatModel.prototype._streamChatModelEvents.apply(this, args);
  }

  /** Retries after a temporary failure, unless text of the reply was already passed on. */
  async #ask(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    onPiece: (piece: Piece) => boolean,
  ): Promise<void> {
    const { signal } = options;
    const { retries, silenceMs } = this.#settings;
    const request = { ...this.#settings, signal, body: this.#body(messages, options) };
    let hasText = false;
    for (let tries = 0; ; tries += 1) {
      try {
        return await attempt(request, (piece) => {
          hasText ||= piece.text !== "";
          return onPiece(piece);
        });
      } catch (error) {
        signal?.throwIfAborted();
        const delayMs = retryDelayMs(error, tries, silenceMs);
        const canRetry = !hasText && tries < retries && Number.isFinite(delayMs);
        if (!canRetry) throw toFailure(error);
        await sleep(delayMs, undefined, { signal });
      }
    }
  }

  #body(messages: BaseMessage[], options: this["ParsedCallOptions"]): string {
    return JSON.stringify({
      ...this.invocationParams(options, { streaming: true }),
      messages: convertMessagesToCompletionsMessageParams({ messages, model: this.model }),
      stream: true,
    });
  }
}
