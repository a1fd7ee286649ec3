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
import type { Piece } from "./completion.ts";
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
  /** Longest silence, in ms: before the first token, and between two reads. */
  silenceMs: number;
  onRequest: () => void;
}

/**
 * Chat completions as LangChain asks for them, sent and read by ourselves: what arrives in one read becomes one piece,
 * silence has a limit, refusals and cut streams are failures, and only a request that has shown nothing is sent again.
 */
export class StreamingOpenAI extends ChatOpenAICompletions {
  readonly #settings: OpenAISettings;

  constructor(settings: OpenAISettings) {
    const { model, temperature, maxTokens, topP } = settings;
    super({ model, temperature, maxTokens, topP });
    this.#settings = settings;
  }

  /** Goes past LangChain's work around a call where it would do nothing: where there is no callback, and no tracing. */
  override async invoke(
    input: BaseLanguageModelInput,
    options: this["ParsedCallOptions"] & ModelCallOptions = {},
  ): Promise<AIMessageChunk> {
    // The graph's, when a node calls.
    const inherited: RunnableConfig | undefined = AsyncLocalStorageProviderSingleton.getRunnableConfig();
    const callbacks = options.callbacks ?? inherited?.callbacks;
    const isHeard = CallbackManager.configure(callbacks, this.callbacks) !== undefined || this.verbose;
    if (isHeard) return super.invoke(input, options);
    const messages = StreamingOpenAI._convertInputToPromptValue(input).toChatMessages();
    const { generations } = await this._generate(messages, { ...options, signal: options.signal ?? inherited?.signal });
    return generations[0]?.message as AIMessageChunk; // as in LangChain, an AIMessage that is called a chunk
  }

  /** What arrives goes to `onText` at once, without LangChain's work for each chunk. */
  override async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"] & ModelCallOptions,
  ): Promise<ChatResult> {
    const whole = new WholeReply();
    await this.#ask(messages, options, (piece) => {
      whole.add(piece);
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
    const pieces = pulled<Piece>((take, unwanted) => {
      const signal = options.signal ? AbortSignal.any([options.signal, unwanted]) : unwanted;
      return this.#ask(messages, { ...options, signal }, take);
    });
    return generationChunks(pieces, options, runManager);
  }

  /** For LangChain's newer streams: made of the chunks, since `ChatOpenAI` has its own client send for them. */
  override _streamChatModelEvents(
    ...asked: Parameters<ChatOpenAICompletions["_streamChatModelEvents"]>
  ): ReturnType<ChatOpenAICompletions["_streamChatModelEvents"]> {
    return BaseChatModel.prototype._streamChatModelEvents.apply(this, asked);
  }

  /** Sends the request again after a passing failure, as long as nothing of the reply was seen. */
  async #ask(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    take: (piece: Piece) => boolean,
  ): Promise<void> {
    const { signal } = options;
    const { retries, silenceMs } = this.#settings;
    const asked = { ...this.#settings, signal, body: this.#body(messages, options) };
    let isSeen = false;
    for (let tries = 0; ; tries += 1) {
      try {
        return await attempt(asked, (piece) => {
          isSeen ||= piece.text !== "";
          return take(piece);
        });
      } catch (error) {
        signal?.throwIfAborted();
        const delayMs = retryDelayMs(error, tries, silenceMs);
        const goesOn = !isSeen && tries < retries && Number.isFinite(delayMs);
        if (!goesOn) throw toFailure(error);
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
