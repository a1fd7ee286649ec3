import type { AIMessageChunk, UsageMetadata } from "@langchain/core/messages";
import type { ChatGeneration } from "@langchain/core/outputs";

import { type Finish, finishOf } from "../reading/finish.ts";
import { broken, type Divided, type Piece, refused, type ToolPart } from "../reading/piece.ts";
import { ReasoningTags } from "../reading/reasoning-tags.ts";
import type { Traits } from "./traits.ts";

type Fields = Record<string, unknown>;

/** In UTF-16 units. Longer reasoning is not passed on; longer arguments end the reply. */
const maxHiddenUnits = 1_048_576;

/** Reads the chunks of one reply from a provider's package. */
export class ChunkReader {
  readonly #traits: Traits;
  readonly #model: string;
  /** Models that write their thinking into the answer, such as older ones of Ollama. */
  readonly #tags = new ReasoningTags();
  #usage: UsageMetadata | undefined;
  #isFinished = false;
  #reasoningUnits = 0;
  #argumentUnits = 0;

  /** `model` is the name for replies that do not tell one. */
  constructor(traits: Traits, model: string) {
    this.#traits = traits;
    this.#model = model;
  }

  /** The reply told why it ended: it is complete. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Throws a ModelFailure if the model refused or failed. */
  read({ message, generationInfo }: Pick<ChatGeneration, "message" | "generationInfo">): Piece {
    const chunk = message as AIMessageChunk;
    const facts: Fields = { ...chunk.additional_kwargs, ...chunk.response_metadata, ...generationInfo };
    const finish = finishIn(facts);
    if (finish?.type === "refused") throw refused();
    if (finish?.type === "failed") throw broken("The provider ended the reply with a failure.");
    if (finish) this.#isFinished = true;
    const { text, reasoning, isRestart } = this.#contentOf(chunk, finish !== undefined);
    const toolCalls = this.#toolParts(chunk);
    const usage = this.#addUsage(chunk.usage_metadata);
    return {
      text,
      ...(isRestart && { isRestart }),
      model: firstText(facts.model_name, facts.model, facts.modelVersion) ?? this.#model,
      ...(reasoning && { reasoning }),
      ...(finish && { finish: finish.reason }),
      ...(usage && { usage }),
      ...(toolCalls.length > 0 && { toolCalls }),
    };
  }

  #contentOf({ content, additional_kwargs }: AIMessageChunk, isLast: boolean): Divided {
    let reasoning = firstText(additional_kwargs.reasoning_content, summaryIn(additional_kwargs.reasoning)) ?? "";
    let text = typeof content === "string" ? content : "";
    for (const block of typeof content === "string" ? [] : (content as Fields[])) {
      if (block.type === "text" && block.thought !== true) text += firstText(block.text) ?? "";
      else reasoning += reasoningIn(block);
    }
    const divided = this.#tags.divide(text);
    const rest = isLast ? this.#tags.rest() : { text: "", reasoning: "" };
    reasoning += divided.reasoning + rest.reasoning;
    this.#reasoningUnits += reasoning.length;
    if (this.#reasoningUnits > maxHiddenUnits) reasoning = "";
    return { text: divided.text + rest.text, reasoning, isRestart: divided.isRestart };
  }

  #toolParts({ tool_call_chunks = [] }: AIMessageChunk): ToolPart[] {
    for (const { args } of tool_call_chunks) this.#argumentUnits += args?.length ?? 0;
    if (this.#argumentUnits > maxHiddenUnits) throw broken("The tool calls of the reply are too long.");
    return tool_call_chunks.map(({ index, id, name, args }) => ({ type: "tool_call_chunk", index, id, name, args }));
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

/** Why the reply ended, wherever packages put it; undefined while it goes on. */
function finishIn(facts: Fields): Finish | undefined {
  const { stopReason } = (facts.messageStop ?? {}) as Fields; // Bedrock
  const places = [facts.finish_reason, facts.stop_reason, facts.finishReason, facts.done_reason, facts.stopReason];
  for (const reason of [...places, stopReason]) {
    const finish = typeof reason === "string" ? finishOf(reason) : undefined;
    if (finish) return finish;
  }
  return undefined;
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === "string" && value !== "");
}

function isCount(tokens: number): boolean {
  return Number.isSafeInteger(tokens) && tokens >= 0;
}
