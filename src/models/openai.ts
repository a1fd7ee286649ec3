import { setTimeout as sleep } from "node:timers/promises";
import { CallbackManager, type CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";
import type { RunnableConfig } from "@langchain/core/runnables";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { ChatOpenAICompletions, convertMessagesToCompletionsMessageParams } from "@langchain/openai";

import type { ModelCallOptions } from "../../graphs/chat-model.ts";
import type { ModelRequest } from "../../graphs/host.ts";
import type { Adaptations } from "./adapting/adaptations.ts";
import { AdaptingRequest } from "./adapting/adapting-request.ts";
import type { RequestBody } from "./adapting/changes.ts";
import { collected, formRetries, type Observer, streamed } from "./asking.ts";
import { attempt } from "./attempt.ts";
import { isWrongPath } from "./causes.ts";
import { mayBeForm, retryDelayMs, toFailure } from "./failures.ts";
import type { Endpoint } from "./http/endpoint.ts";
import { withJoinedTexts } from "./joined-texts.ts";
import type { Piece } from "./reading/piece.ts";

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
  onWarning?: ModelRequest["onWarning"];
  /** What the server does not take. Shared by all calls. */
  adaptations: Adaptations;
}

/** A reply that is not streamed comes after so many times the usual silence, at most. */
const unstreamedFactor = 4;

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
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    return await collected(options, (asked, observer) => this.#ask(messages, asked, observer), runManager);
  }

  override _streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"] & ModelCallOptions,
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    return streamed(options, (asked, observer) => this.#ask(messages, asked, observer), runManager);
  }

  /** The base class builds these events from our chunks. `ChatOpenAICompletions` would use its own client. */
  override _streamChatModelEvents(
    ...args: Parameters<ChatOpenAICompletions["_streamChatModelEvents"]>
  ): ReturnType<ChatOpenAICompletions["_streamChatModelEvents"]> {
    return BaseChatModel.prototype._streamChatModelEvents.apply(this, args);
  }

  /**
   * Asks again without what the server refuses, at the address where it answers, and after a temporary failure; but not if text of the reply
   * was already passed on.
   */
  async #ask(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    { onAttempt, onPiece }: Observer,
  ): Promise<AdaptingRequest> {
    const { signal } = options;
    const { model, adaptations, endpoint: configured } = this.#settings;
    const request = new AdaptingRequest(adaptations, model, this.#body(messages, options));
    const places = adaptations.places(configured);
    const [usual] = places;
    let hasText = false;
    for (let tries = 0; ; ) {
      const endpoint = places[0] ?? configured;
      onAttempt();
      try {
        await this.#attempt(endpoint, request, signal, (piece) => {
          hasText ||= piece.text !== "";
          return onPiece(piece);
        });
        if (endpoint !== usual) adaptations.answeredAt(endpoint === configured ? undefined : endpoint);
        request.answered(this.#settings);
        return request;
      } catch (error) {
        signal?.throwIfAborted();
        const most = request.hasForm && mayBeForm(error) ? formRetries : this.#settings.retries;
        if (!hasText && request.adapt(error, tries >= most)) continue;
        if (isWrongPath(error) && places.length > 1) {
          places.shift();
          continue;
        }
        const delayMs = retryDelayMs(error, tries, this.#settings.silenceMs);
        if (hasText || tries >= most || !Number.isFinite(delayMs))
          throw toFailure(error, { endpoint: isWrongPath(error) ? configured : endpoint, model, messages });
        await sleep(delayMs, undefined, { signal });
        tries += 1;
      }
    }
  }

  #attempt(
    endpoint: Endpoint,
    request: AdaptingRequest,
    signal: AbortSignal | undefined,
    onPiece: (piece: Piece) => boolean,
  ): Promise<void> {
    const { silenceMs, onRequest, adaptations } = this.#settings;
    const limitMs = request.isStreamed ? silenceMs : unstreamedFactor * silenceMs;
    const onMoved = (moved: Endpoint) => adaptations.answeredAt(moved);
    return attempt({ endpoint, body: request.json, silenceMs: limitMs, signal, onRequest, onMoved }, onPiece);
  }

  #body(messages: BaseMessage[], options: this["ParsedCallOptions"]): RequestBody {
    const body = {
      ...this.invocationParams(options, { streaming: true }),
      messages: convertMessagesToCompletionsMessageParams({ messages: withJoinedTexts(messages), model: this.model }),
      stream: true,
    };
    return body as RequestBody; // LangChain's type has the same fields, among others
  }
}
