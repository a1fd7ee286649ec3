import { diffLines, diffWordsWithSpace } from "diff";

import { addCosts } from "../../graphs/call.ts";
import { cut } from "../../graphs/text.ts";
import type { Answered } from "./detached.ts";
import { costOf, type Recorded } from "./record.ts";
import type { Change } from "./wire/prompts.ts";

/** In UTF-16 units, for both texts. Splitting longer ones into words takes too long, and nobody reads them: only their beginnings are compared. */
const maxDiffUnits = 131_072;

/** Diffs two texts by words. If that takes longer than half of the timeout, by lines; if that does too, or the texts are huge, as a whole. */
export function changes(older: string, newer: string, timeoutMs = 30): Change[] {
  const isHuge = older.length + newer.length > maxDiffUnits;
  const shown = (text: string) =>
    isHuge && text.length > maxDiffUnits / 2 ? `${cut(text, maxDiffUnits / 2)} …` : text;
  if (older === newer) return older === "" ? [] : [{ value: shown(older) }];
  const options = { timeout: timeoutMs / 2 };
  const found = isHuge ? undefined : (diffWordsWithSpace(older, newer, options) ?? diffLines(older, newer, options));
  if (!found)
    return [
      { value: shown(older), removed: true as const },
      { value: shown(newer), added: true as const },
    ];
  return found.map(({ value, added, removed }) => ({
    value,
    ...(added && { added: true as const }),
    ...(removed && { removed: true as const }),
  }));
}

/** An answer's metadata as figures. */
export interface Figures {
  route: string;
  inputTokens: number;
  outputTokens: number;
  calls: number;
  ms: number;
  /** Time to the first word of the answer; null if unknown. */
  firstWordMs: number | null;
  /** In US dollars; null if unknown. */
  cost: number | null;
  model: string;
}

export function figuresOf({
  conversationType,
  metadata,
  firstWordMs,
}: Pick<Answered, "metadata" | "firstWordMs"> & { conversationType: string | null }): Figures {
  const { usage, processing_time, model_used } = metadata as {
    usage?: { input_tokens: number; output_tokens: number; llm_calls: number };
    processing_time?: number;
    model_used?: string;
  }; // written by the ledger
  return {
    route: conversationType ?? "none",
    inputTokens: usage?.input_tokens ?? 0,
    outputTokens: usage?.output_tokens ?? 0,
    calls: usage?.llm_calls ?? 0,
    ms: processing_time ?? 0,
    firstWordMs: firstWordMs ?? null,
    cost: costOf(metadata),
    model: model_used ?? "",
  };
}

/** The share of words that only one of the two texts has, from 0 to 1. */
export function difference(parts: readonly Change[]): number {
  const words = (value: string) => value.split(/\s+/).filter(Boolean).length;
  const all = parts.reduce((sum, { value }) => sum + words(value), 0);
  const changed = parts.reduce((sum, { value, added, removed }) => sum + (added || removed ? words(value) : 0), 0);
  return all === 0 ? 0 : changed / all;
}

/** The figures of the original answer. */
export function originalFigures({ turn }: Pick<Recorded, "turn">): Figures {
  return figuresOf(turn.outcome ?? { conversationType: null, metadata: {} });
}

/** The totals of several answers. The time to the first word is a median, since a sum would mean nothing. The cost is null if one is unknown. */
export function totalOf(all: readonly Figures[]): Figures {
  const sum = (value: (figures: Figures) => number) => all.reduce((total, figures) => total + value(figures), 0);
  return {
    route: "",
    model: "",
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    calls: sum(({ calls }) => calls),
    ms: sum(({ ms }) => ms),
    firstWordMs: median(all.flatMap(({ firstWordMs }) => firstWordMs ?? [])),
    cost: all.reduce<number | null>((total, { cost }) => addCosts(total, cost), 0),
  };
}

/** Null if there are no values. */
export function median(values: readonly number[]): number | null {
  return values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)] ?? null;
}
