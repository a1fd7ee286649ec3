import { setTimeout as sleep } from "node:timers/promises";

import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { BaseMessage } from "@langchain/core/messages";
import { AIMessageChunk } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import { ChatOpenAICompletions, convertMessagesToCompletionsMessageParams } from "@langchain/openai";

import { ModelFailure } from "../../graphs/failure.ts";
import type { ModelCallOptions } from "../../graphs/host.ts";
import { completionReader, type Piece } from "./completion-reader.ts";
import { retryDelayMs, toFailure } from "./failures.ts";
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
 * Chat completions as LangChain sends them, read by our own loop: what arrives in one read becomes one chunk, silence
 * has a limit, refusals and cut streams are failures, and only a request that has shown nothing is sent again.
 */
export class StreamingOpenAI extends ChatOpenAICompletions {
  readonly #settings: OpenAISettings;

  constructor(settings: OpenAISettings) {
    const { model, temperature, maxTokens, topP, apiKey, baseURL } = settings;
    super({ model, temperature, maxTokens, topP, apiKey, maxRetries: 0, configuration: { baseURL } });
    this.#settings = settings;
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"] & ModelCallOptions,
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    for (let attempt = 0; ; attempt += 1) {
      let shown = false;
      try {
        for await (const piece of this.#pieces(messages, options)) {
          shown ||= piece.text !== "";
          const chunk = generationChunk(piece);
          yield chunk;
          await runManager?.handleLLMNewToken(piece.text, undefined, undefined, undefined, undefined, { chunk });
        }
        return;
      } catch (error) {
        options.signal?.throwIfAborted();
        const delayMs = retryDelayMs(error, attempt, this.#settings.silenceMs);
        const goesOn = !shown && attempt < this.#settings.retries && Number.isFinite(delayMs);
        if (!goesOn) throw toFailure(error);
        await sleep(delayMs, undefined, { signal: options.signal });
      }
    }
  }

  async *#pieces(messages: BaseMessage[], options: this["ParsedCallOptions"]): AsyncGenerator<Piece> {
    const clock = silenceClock(this.#settings.silenceMs, options.signal);
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
    } catch (error) {
      if (clock.silent) throw new ModelFailure("model_timeout", "The model was silent for too long.", { cause: error });
      throw error;
    } finally {
      clock.stop();
    }
  }
}

function generationChunk({ text, model, finish, usage, toolCalls }: Piece): ChatGenerationChunk {
  return new ChatGenerationChunk({
    text,
    message: new AIMessageChunk({
      content: text,
      ...(toolCalls && { tool_call_chunks: toolCalls }),
      ...(usage && { usage_metadata: usage }),
      response_metadata: { ...(model && { model_name: model }), ...(finish && { finish_reason: finish }) },
    }),
  });
}
