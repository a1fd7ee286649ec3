import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { AIMessage, AIMessageChunk, type ToolCallChunk, type UsageMetadata } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";

import type { ModelCallOptions } from "../../graphs/chat-model.ts";
import type { Piece, ToolPart } from "./reading/piece.ts";
import { ToolCalls } from "./reading/tool-calls.ts";

/** The pieces as LangChain chunks. Used if a callback wants chunks, as in LangGraph Studio. */
export async function* generationChunks(
  pieces: AsyncIterable<Piece>,
  { onText, onReasoning, onRestart }: ModelCallOptions,
  runManager?: CallbackManagerForLLMRun,
): AsyncGenerator<ChatGenerationChunk> {
  let shown = "";
  for await (const piece of pieces) {
    const chunk = generationChunk(piece);
    yield chunk;
    await runManager?.handleLLMNewToken(piece.text, undefined, undefined, undefined, undefined, { chunk });
    const { text, reasoning = "" } = piece;
    if (piece.isRestart) onRestart?.(shown + reasoning);
    else if (reasoning) onReasoning?.(reasoning);
    shown += reasoning + text;
    if (text && onText?.(text, piece.model) === false) return;
  }
}

function generationChunk({ text, reasoning, model, finish, usage, toolCalls }: Piece): ChatGenerationChunk {
  return new ChatGenerationChunk({
    text,
    message: new AIMessageChunk({
      content: text,
      ...(reasoning && { additional_kwargs: { reasoning_content: reasoning } }),
      ...(toolCalls && { tool_call_chunks: toolCalls.map(chunkOf) }),
      ...(usage && { usage_metadata: usage }),
      response_metadata: { ...(model && { model_name: model }), ...(finish && { finish_reason: finish }) },
    }),
  });
}

function chunkOf({ isWhole: _isWhole, ...chunk }: ToolPart): ToolCallChunk {
  return chunk;
}

/** Assembles a reply from its pieces. Some servers send the usage repeatedly; the last one counts. */
export class WholeReply {
  #text: string[] = [];
  readonly #reasoning: string[] = [];
  readonly #tools = new ToolCalls();
  #model: string | undefined;
  #finish: string | undefined;
  #usage: UsageMetadata | undefined;

  add({ text, reasoning, isRestart, model, finish, usage, toolCalls = [] }: Piece): void {
    if (isRestart) this.#reasoning.push(...this.#text.splice(0));
    if (reasoning) this.#reasoning.push(reasoning);
    if (text) this.#text.push(text);
    this.#model ??= model;
    this.#finish = finish ?? this.#finish;
    this.#usage = usage ?? this.#usage;
    for (const part of toolCalls) this.#tools.add(part);
  }

  /** What the model has told about its thinking so far. */
  get reasoning(): string {
    return this.#reasoning.join("");
  }

  message(): AIMessage {
    return new AIMessage({
      content: this.#text.join(""),
      ...(this.#reasoning.length > 0 && { additional_kwargs: { reasoning_content: this.reasoning } }),
      ...this.#tools.read(),
      ...(this.#usage && { usage_metadata: this.#usage }),
      response_metadata: { model_name: this.#model, finish_reason: this.#finish },
    });
  }
}
