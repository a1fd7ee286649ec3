import type { ToolCallChunk, UsageMetadata } from "@langchain/core/messages";

import { ModelFailure } from "../../../graphs/failure.ts";

/** The part of a reply that arrived in one network read. */
export interface Piece {
  text: string;
  /** What the model tells about its thinking. Comes before `text`. */
  reasoning?: string;
  /** The text of all pieces before turned out to be reasoning. `text` is the beginning of the answer. */
  isRestart?: boolean;
  model?: string;
  /** Why the reply ended; `length` by whatever name the server knows it. */
  finish?: string;
  usage?: UsageMetadata;
  toolCalls?: ToolPart[];
}

/** What the content says, divided. */
export interface Divided {
  text: string;
  reasoning: string;
  /** All text given before was reasoning. */
  isRestart?: boolean;
}

/** A part of a tool call. */
export interface ToolPart extends ToolCallChunk {
  /** `args` replaces what came before. */
  isWhole?: boolean;
}

export function broken(message: string, cause?: unknown) {
  return new ModelFailure("model_unavailable", message, { cause });
}

export function refused() {
  return new ModelFailure("model_refused", "The model refused to answer.");
}
