import type { UsageMetadata } from "@langchain/core/messages";

import { isFields } from "../http/error-text.ts";

/** The first valid usage of these. Some servers send null, words, -1 or 1e308. */
export function usageOf(...candidates: unknown[]): UsageMetadata | undefined {
  for (const usage of candidates) {
    if (!isFields(usage)) continue;
    const input_tokens = usage.prompt_tokens ?? usage.input_tokens;
    const output_tokens = usage.completion_tokens ?? usage.output_tokens;
    if (!isCount(input_tokens) || !isCount(output_tokens)) continue;
    const total_tokens = input_tokens + output_tokens;
    if (isCount(total_tokens)) return { input_tokens, output_tokens, total_tokens };
  }
  return undefined;
}

function isCount(tokens: unknown): tokens is number {
  return Number.isSafeInteger(tokens) && Number(tokens) >= 0;
}
