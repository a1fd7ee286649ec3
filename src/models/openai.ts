import { setTimeout as sleep } from "node:timers/promises";

import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { BaseMessage } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";
import { ChatOpenAICompletions, convertMessagesToCompletionsMessageParams } from "@langchain/openai";

import { ModelFailure } from "../../graphs/failure.ts";
import type { ModelCallOptions } from "../../graphs/host.ts";
import { completionReader, type Piece } from "./completion-reader.ts";
import { retryDelayMs, toFailure } from "./failures.ts";
import { generationChunks, WholeReply } from "./reply.ts";
import { silenceClock } from "./silence-clock.ts";

export interface OpenAISettings {
  model: string;
  temperature?: number;
  maxTokens?: number;
  topP?: number;
  apiKey: string;
  baseURL?: string;
  /** Retries before the first token. */
  retries: number;
  /** Longest silence, in ms: before the first token, and between two reads. */
  silenceMs: number;
  onRequest: () => void;
}

/**
 * Chat completions as LangChain sends them, read by our own loop: what arrives in one read becomes one piece, silence
 * has a limit, refusals and cut streams are failures, and only a request that has shown nothing is sent again.
 */
export class StreamingOpenAI extends ChatOpenAICompletions {
  readonly #settings: OpenAISettings;

  constructor(settings: OpenAISettings) {
    const { model, temperature, maxTokens, topP, apiKey, baseURL } = settings;
    super({ model, temperature, maxTokens, topP, apiKey, maxRetries: 0, configuration: { baseURL } });
    this.#settings = settings;
  }

  /** Reads the stream by itself: what arrives goes to `onText` at once, without LangChain's work for each chunk. */
  override async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"] & ModelCallOptions,
  ): Promise<ChatResult> {
    const whole = new WholeReply();
    for await (const piece of this.#retried(messages, options)) {
      whole.add(piece);
      if (piece.text && options.onText?.(piece.text, piece.model) === false) break;
    }
    const message = whole.message();
    return { generations: [{ text: message.text, message }] };
  }

  override _streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"] & ModelCallOptions,
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    return generationChunks(this.#retried(messages, options), options, runManager);
  }

  /** Sends the request again after a passing failure, as long as nothing of the reply was seen. */
  async *#retried(messages: BaseMessage[], options: this["ParsedCallOptions"]): AsyncGenerator<Piece> {
    for (let attempt = 0; ; attempt += 1) {
      let isSeen = false;
      try {
        for await (const piece of this.#pieces(messages, options)) {
          isSeen ||= piece.text !== "";
          yield piece;
        }
        return;
      } catch (error) {
        options.signal?.throwIfAborted();
        const delayMs = retryDelayMs(error, attempt, this.#settings.silenceMs);
        const goesOn = !isSeen && attempt < this.#settings.retries && Number.isFinite(delayMs);
        if (!goesOn) throw toFailure(error);
        await sleep(delayMs, undefined, { signal: options.signal });
      }
    }
  }

  async *#pieces(messages: BaseMessage[], options: this["ParsedCallOptions"]): AsyncGenerator<Piece> {
    const clock = silenceClock(this.#settings.silenceMs, options.signal);
    let isComplete = false;
    try {
      const request = {
        ...this.invocationParams(options, { streaming: true }),
        messages: convertMessagesToCompletionsMessageParams({ messages, model: this.model }),
        stream: true as const,
      };
      const clientOptions = this._getClientOptions({ signal: clock.signal, maxRetries: 0 });
      this.#settings.onRequest();
      const response = await this.client.chat.completions.create(request, clientOptions).asResponse();
      yield* completionReader(response, clock);
      isComplete = true;
    } catch (error) {
      if (clock.silent) throw new ModelFailure("model_timeout", "The model was silent for too long.", { cause: error });
      throw error;
    } finally {
      clock.stop(isComplete);
    }
  }
}
