import type { AIMessageChunk, ToolCallChunk, UsageMetadata } from "@langchain/core/messages";
import type { ChatGeneration } from "@langchain/core/outputs";

import { ModelFailure } from "../../../graphs/failure.ts";
import type { Piece } from "../reading/piece.ts";
import { endOf } from "./end-reason.ts";
import type { Traits } from "./traits.ts";

type Fields = Record<string, unknown>;

/** In UTF-16 units. Longer reasoning is not passed on; longer arguments end the reply. */
const maxHiddenUnits = 1_048_576;

const maxToolCalls = 128;

/** Reads the chunks of one reply from a provider's package. */
export class ChunkReader {
  readonly #traits: Traits;
  readonly #model: string;
  #usage: UsageMetadata | undefined;
  #isFinished = false;
  #reasoningUnits = 0;
  #argumentUnits = 0;
  /** The id of the tool call that is being received, by the package's index. Some packages give the same index to all. */
  readonly #calls: { index: number; id: string | undefined }[] = [];

  /** `model` is the name for replies that do not tell one. */
  constructor(traits: Traits, model: string) {
    this.#traits = traits;
    this.#model = model;
  }

  /** The reply told why it ended: it is complete. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Throws a ModelFailure if the model refused. */
  read({ message, generationInfo }: Pick<ChatGeneration, "message" | "generationInfo">): Piece {
    const chunk = message as AIMessageChunk;
    const facts: Fields = { ...chunk.additional_kwargs, ...chunk.response_metadata, ...generationInfo };
    const finish = endOf(facts);
    if (finish === "refused") throw new ModelFailure("model_refused", "The model refused to answer.");
    if (finish) this.#isFinished = true;
    const { text, reasoning } = this.#contentOf(chunk);
    const toolCalls = chunk.tool_call_chunks?.map((call) => this.#toolCall(call));
    const usage = this.#addUsage(chunk.usage_metadata);
    return {
      text,
      model: firstText(facts.model_name, facts.model, facts.modelVersion) ?? this.#model,
      ...(reasoning && { reasoning }),
      ...(finish && { finish }),
      ...(usage && { usage }),
      ...(toolCalls && toolCalls.length > 0 && { toolCalls }),
    };
  }

  #contentOf({ content, additional_kwargs }: AIMessageChunk): { text: string; reasoning: string } {
    let reasoning = firstText(additional_kwargs.reasoning_content, summaryIn(additional_kwargs.reasoning)) ?? "";
    let text = typeof content === "string" ? content : "";
    for (const block of typeof content === "string" ? [] : (content as Fields[])) {
      if (block.type === "text" && block.thought !== true) text += firstText(block.text) ?? "";
      else reasoning += reasoningIn(block);
    }
    this.#reasoningUnits += reasoning.length;
    return { text, reasoning: this.#reasoningUnits > maxHiddenUnits ? "" : reasoning };
  }

  #toolCall({ index = 0, id, name, args }: ToolCallChunk): ToolCallChunk {
    const current = this.#calls.findLast((call) => call.index === index);
    const isNew = !current || (id !== undefined && current.id !== undefined && id !== current.id);
    if (isNew) this.#calls.push({ index, id });
    this.#argumentUnits += args?.length ?? 0;
    if (this.#calls.length > maxToolCalls || this.#argumentUnits > maxHiddenUnits) {
      throw new ModelFailure("model_unavailable", "The tool calls of the reply are too long.");
    }
    const place = isNew ? this.#calls.length - 1 : this.#calls.lastIndexOf(current);
    return { type: "tool_call_chunk", index: place, id, name, args };
  }

  /** The usage so far, if this chunk tells one. */
  #addUsage(told: UsageMetadata | undefined): UsageMetadata | undefined {
    const input = Number(told?.input_tokens ?? 0);
    const output = Number(told?.output_tokens ?? 0);
    if (!isCount(input) || !isCount(output) || input + output === 0) return undefined;
    const before = this.#usage ?? { input_tokens: 0, output_tokens: 0, total_tokens: 0 };
    const isSum = this.#traits.usage === "parts";
    const input_tokens = isSum ? before.input_tokens + input : Math.max(before.input_tokens, input);
    const output_tokens = isSum ? before.output_tokens + output : Math.max(before.output_tokens, output);
    this.#usage = { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
    return this.#usage;
  }
}

/** In the blocks of Anthropic and Gemini, of LangChain's standard form, and of Bedrock. */
function reasoningIn(block: Fields): string {
  const { reasoningText } = block as { reasoningText?: Fields };
  const isReasoning =
    block.thought === true || ["thinking", "reasoning", "reasoning_content"].includes(String(block.type));
  if (!isReasoning) return "";
  return firstText(block.thinking, block.reasoning, reasoningText?.text, block.text, summaryIn(block)) ?? "";
}

/** OpenAI's Responses API tells summaries of the reasoning. */
function summaryIn(reasoning: unknown): string | undefined {
  const { summary } = (reasoning ?? {}) as { summary?: unknown };
  if (!Array.isArray(summary)) return undefined;
  return summary.map((part: Fields | null) => firstText(part?.text) ?? "").join("");
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === "string" && value !== "");
}

function isCount(tokens: number): boolean {
  return Number.isSafeInteger(tokens) && tokens >= 0;
}
