import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import {
  BaseChatModel,
  type BaseChatModelParams,
  type BindToolsInput,
  type LangSmithParams,
} from "@langchain/core/language_models/chat_models";
import type { AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import type { ChatGenerationChunk, ChatResult } from "@langchain/core/outputs";
import type { Runnable } from "@langchain/core/runnables";

import type { ModelCallOptions } from "./chat-model.ts";
import type { Sampling } from "./host.ts";
import { ask } from "./model/ask.ts";
import { generationChunks } from "./model/chunks.ts";
import { type StructuredOptions, structuredModel } from "./model/structured-model.ts";
import { askWithTools, bound } from "./model/tools.ts";

/** The server's chat model, for graphs in LangChain's own form. Its settings apply where the client set nothing. Answers only while a turn runs. */
export function model(settings: Sampling = {}): ServerModel {
  return new ServerModel({ settings });
}

/** Asks the models of the turn that it runs in, with its sampling, fallbacks and limits, and counts for it. */
export class ServerModel extends BaseChatModel<ModelCallOptions, AIMessageChunk> {
  /** Not `#`, because a copy of the model streams. */
  readonly settings: Sampling;

  constructor({ settings, ...params }: BaseChatModelParams & { settings: Sampling }) {
    super(params);
    this.disableStreaming = true; // `_generate` passes the text on itself
    this.settings = settings;
    // Asks in the form that the server understands, as structured steps do. The overloads differ in their types alone.
    this.withStructuredOutput = ((schema: unknown, options?: StructuredOptions) =>
      structuredModel(settings, schema, options)) as BaseChatModel["withStructuredOutput"];
  }

  override _llmType(): string {
    return "server";
  }

  override getLsParams(): LangSmithParams {
    return { ls_provider: "server", ls_model_name: this.settings.model, ls_model_type: "chat" };
  }

  override bindTools(tools: BindToolsInput[], options: Partial<ModelCallOptions> = {}): Runnable {
    return this.withConfig({ ...options, tools: tools.map(bound) });
  }

  override async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    manager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    const message = await askWithTools(options.tools, (tools) =>
      ask(this.settings, messages, { options: { ...options, tools }, manager, canRestart: true }),
    );
    return { generations: [{ text: message.text, message }] };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    manager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    yield* generationChunks((onPiece, closed) => {
      const signal = options.signal ? AbortSignal.any([options.signal, closed]) : closed;
      return askWithTools(options.tools, (tools) =>
        ask(this.settings, messages, { options: { ...options, tools, signal }, manager, canRestart: false, onPiece }),
      );
    });
  }

  override async *_streamIterator(
    ...args: Parameters<BaseChatModel<ModelCallOptions, AIMessageChunk>["_streamIterator"]>
  ): AsyncGenerator<AIMessageChunk> {
    const streaming: this = Object.create(this, { disableStreaming: { value: false } });
    yield* super._streamIterator.apply(streaming, args);
  }
}
