import { setTimeout as sleep } from "node:timers/promises";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel, type LangSmithParams } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";

import type { ModelCallOptions, ModelRequest, Sampling } from "../../../graphs/host.ts";
import { retryDelayMs, toFailure } from "../failures.ts";
import { pulled } from "../pulled.ts";
import type { Piece } from "../reading/piece.ts";
import { generationChunks, WholeReply } from "../reply.ts";
import { attempt } from "./attempt.ts";
import { ProviderUnusable } from "./build.ts";
import type { ProviderModelName } from "./names.ts";
import type { RefusedSampling } from "./refused-sampling.ts";

export interface ProviderSettings {
  name: ProviderModelName;
  sampling: Sampling;
  /** Shared by all calls. */
  refused: RefusedSampling;
  /** Retries before the first token. */
  retries: number;
  /** Longest silence before the first token, and between two chunks. */
  silenceMs: number;
  onRequest: () => void;
  onWarning?: ModelRequest["onWarning"];
}

/** A chat model that asks a provider through its LangChain package. The package streams; retries, limits and failures are ours, as for `StreamingOpenAI`. */
export class ProviderModel extends BaseChatModel<ModelCallOptions, AIMessageChunk> {
  readonly #settings: ProviderSettings;

  constructor(settings: ProviderSettings) {
    super({});
    this.#settings = settings;
  }

  override _llmType() {
    return "provider";
  }

  override getLsParams(): LangSmithParams {
    const { name, sampling } = this.#settings;
    return {
      ls_provider: name.provider,
      ls_model_name: name.model,
      ls_model_type: "chat",
      ls_temperature: sampling.temperature,
      ls_max_tokens: sampling.max_tokens,
    };
  }

  override async _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    const whole = new WholeReply();
    await this.#ask(messages, options, (piece) => {
      whole.add(piece);
      if (piece.reasoning) options.onReasoning?.(piece.reasoning);
      for (const { args } of piece.toolCalls ?? []) if (args && options.onArguments?.(args) === false) return false;
      return piece.text === "" || options.onText?.(piece.text, piece.model) !== false;
    });
    const message = whole.message();
    return { generations: [{ text: message.text, message }] };
  }

  override _streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const pieces = pulled<Piece>((push, closed) => {
      const signal = options.signal ? AbortSignal.any([options.signal, closed]) : closed;
      return this.#ask(messages, { ...options, signal }, push);
    });
    return generationChunks(pieces, options, runManager);
  }

  /** Retries after a temporary failure, unless text of the reply was already passed on. */
  async #ask(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    onPiece: (piece: Piece) => boolean,
  ): Promise<void> {
    const { signal } = options;
    const { name, refused, retries, silenceMs, onWarning } = this.#settings;
    let hasText = false;
    for (let tries = 0; ; tries += 1) {
      const sampling = refused.accepted(name.name, this.#settings.sampling);
      try {
        return await attempt({ ...this.#settings, sampling, messages, structure: options, signal }, (piece) => {
          hasText ||= piece.text !== "";
          return onPiece(piece);
        });
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof ProviderUnusable) throw error;
        const parameter = refused.learn(name.name, sampling, error);
        if (parameter) {
          onWarning?.(`The model ${name.name} does not take ${parameter}.`, parameter);
          tries -= 1;
          continue;
        }
        const delayMs = retryDelayMs(error, tries, silenceMs);
        const canRetry = !hasText && tries < retries && Number.isFinite(delayMs);
        if (!canRetry) throw toFailure(error);
        await sleep(delayMs, undefined, { signal });
      }
    }
  }
}
