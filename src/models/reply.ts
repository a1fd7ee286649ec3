import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { AIMessage, AIMessageChunk, type UsageMetadata } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";

import type { ModelCallOptions } from "../../graphs/host.ts";
import type { Piece } from "./completion.ts";

/** The pieces as LangChain chunks. Used if a callback wants chunks, as in LangGraph Studio. */
export async function* generationChunks(
  pieces: AsyncIterable<Piece>,
  { onText, onReasoning }: ModelCallOptions,
  runManager?: CallbackManagerForLLMRun,
): AsyncGenerator<ChatGenerationChunk> {
  for await (const piece of pieces) {
    const chunk = generationChunk(piece);
    yield chunk;
    await runManager?.handleLLMNewToken(piece.text, undefined, undefined, undefined, undefined, { chunk });
    if (piece.reasoning) onReasoning?.(piece.reasoning);
    if (piece.text && onText?.(piece.text, piece.model) === false) return;
  }
}

function generationChunk({ text, reasoning, model, finish, usage, toolCalls }: Piece): ChatGenerationChunk {
  return new ChatGenerationChunk({
    text,
    message: new AIMessageChunk({
      content: text,
      ...(reasoning && { additional_kwargs: { reasoning_content: reasoning } }),
      ...(toolCalls && { tool_call_chunks: toolCalls }),
      ...(usage && { usage_metadata: usage }),
      response_metadata: { ...(model && { model_name: model }), ...(finish && { finish_reason: finish }) },
    }),
  });
}

/** Assembles a reply from its pieces. Some servers send the usage repeatedly; the last one counts. */
export class WholeReply {
  readonly #text: string[] = [];
  readonly #reasoning: string[] = [];
  /** Names and arguments by index; both arrive in parts. */
  readonly #tools = new Map<number, { name: string; args: string }>();
  #model: string | undefined;
  #finish: string | undefined;
  #usage: UsageMetadata | undefined;

  add({ text, reasoning, model, finish, usage, toolCalls = [] }: Piece): void {
    this.#text.push(text);
    if (reasoning) this.#reasoning.push(reasoning);
    this.#model ??= model;
    this.#finish ??= finish;
    this.#usage = usage ?? this.#usage;
    for (const { index = 0, name = "", args = "" } of toolCalls) {
      const known = this.#tools.get(index);
      this.#tools.set(index, { name: (known?.name ?? "") + name, args: (known?.args ?? "") + args });
    }
  }

  message(): AIMessage {
    return new AIMessage({
      content: this.#text.join(""),
      ...(this.#reasoning.length > 0 && { additional_kwargs: { reasoning_content: this.#reasoning.join("") } }),
      tool_calls: [...this.#tools.values()].flatMap(({ name, args }) => toolCall(name, args)),
      ...(this.#usage && { usage_metadata: this.#usage }),
      response_metadata: { model_name: this.#model, finish_reason: this.#finish },
    });
  }
}

/** Empty if the arguments are not a JSON object. */
function toolCall(name: string, json: string) {
  try {
    const args: unknown = JSON.parse(json);
    return typeof args === "object" && args !== null ? [{ name, args: { ...args } }] : [];
  } catch {
    return [];
  }
}
