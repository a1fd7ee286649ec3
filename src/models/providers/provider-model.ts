import { setTimeout as sleep } from "node:timers/promises";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel, type LangSmithParams } from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";

import type { ModelCallOptions } from "../../../graphs/chat-model.ts";
import type { ModelRequest, Sampling } from "../../../graphs/host.ts";
import type { Adaptations } from "../adapting/adaptations.ts";
import { AdaptingRequest } from "../adapting/adapting-request.ts";
import { collected, formRetries, type Observer, streamed } from "../asking.ts";
import { mayBeForm, retryDelayMs, toFailure } from "../failures.ts";
import type { Place } from "../http/endpoint.ts";
import { withJoinedTexts } from "../joined-texts.ts";
import { attempt } from "./attempt.ts";
import { ProviderUnusable } from "./build.ts";
import type { ProviderModelName } from "./names.ts";
import { settingNames } from "./traits.ts";

export interface ProviderSettings {
  name: ProviderModelName;
  sampling: Sampling;
  /** What the models do not take. Shared by all calls. */
  adaptations: Adaptations;
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

  override async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    return await collected(options, (asked, observer) => this.#ask(messages, asked, observer), runManager);
  }

  override _streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    return streamed(options, (asked, observer) => this.#ask(messages, asked, observer), runManager);
  }

  /** Asks again without the settings that the model refuses, and after a temporary failure; but not if text of the reply was already passed on. */
  async #ask(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    { onAttempt, onPiece }: Observer,
  ): Promise<AdaptingRequest> {
    const { signal } = options;
    const { name, silenceMs, onWarning } = this.#settings;
    const request = this.#request(options);
    let hasText = false;
    let endpoint: Place | undefined;
    const onRequest = (place?: Place) => {
      endpoint = place;
      this.#settings.onRequest();
    };
    for (let tries = 0; ; ) {
      onAttempt();
      try {
        const sent = { messages: withJoinedTexts(messages), structure: options, signal };
        const asked = { ...this.#settings, onRequest, sampling: request.body, ...sent };
        await attempt(asked, (piece) => {
          hasText ||= piece.text !== "";
          return onPiece(piece);
        });
        request.answered({ onWarning });
        return request;
      } catch (error) {
        signal?.throwIfAborted();
        const most = request.hasForm && mayBeForm(error) ? formRetries : this.#settings.retries;
        if (!hasText && request.adapt(error, tries >= most)) continue;
        const delayMs =
          error instanceof ProviderUnusable ? Number.POSITIVE_INFINITY : retryDelayMs(error, tries, silenceMs);
        const canRetry = !hasText && tries < most && Number.isFinite(delayMs);
        if (!canRetry)
          throw toFailure(error, { endpoint, model: name.name, messages, settings: settingNames(name.provider) });
        await sleep(delayMs, undefined, { signal });
        tries += 1;
      }
    }
  }

  /** What of a request may have to be left out. The rest is up to the package. */
  #request({ response_format, tools }: ModelCallOptions): AdaptingRequest {
    const { name, adaptations, sampling } = this.#settings;
    const { temperature, top_p, max_tokens } = sampling;
    const form = { ...(response_format && { response_format: {} }), ...(tools && { tools: [] }) };
    return new AdaptingRequest(adaptations, name.name, { messages: [], temperature, top_p, max_tokens, ...form });
  }
}
