import { cut } from "./text.ts";

/** What a chat format adds to each message. */
export const tokensPerMessage = 4;

/**
 * Estimates the tokens of a text without a tokenizer, which would cost more than the rest of a request and differs from model to model. Latin
 * text has four characters per token. Others have fewer, the more so the longer their UTF-8: Cyrillic, Greek and Arabic about 1.6, Chinese,
 * Japanese, Korean, Thai and the scripts of India one. The formula gives these ratios, and both lengths are counted natively.
 */
export function tokensOf(text: string): number {
  return Math.ceil((1.5 * Buffer.byteLength(text) - 0.5 * text.length) / 4);
}

/** No text has more tokens than this. Costs nothing. */
export function mostTokensOf(text: string): number {
  return text.length + 1;
}

/** Cuts a text to a number of tokens. */
export function cutToTokens(text: string, limit: number): string {
  let short = text;
  for (let tokens = tokensOf(short); tokens > limit; tokens = tokensOf(short)) {
    short = cut(short, Math.floor((short.length * Math.max(0, limit) * 0.98) / tokens));
  }
  return short;
}
