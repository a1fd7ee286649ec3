import { addCosts } from "../graphs/call.ts";
import type { Kept } from "./results.ts";
import type { Result } from "./run.ts";

/** The mean of a score, and its change over the lines that also had it in the last run. */
export interface Mean {
  value: number;
  change?: number;
}

/** The figures of one engine's lines, or of all lines. */
export interface Summary {
  engine: string;
  lines: number;
  failed: number;
  means: Map<string, Mean>;
  inputTokens: number;
  outputTokens: number;
  /** In US dollars; null if a price is unknown. */
  cost: number | null;
  /** The median time of the answered lines, in ms. */
  medianMs?: number;
}

/** One summary per engine, and one for all lines. */
export function summaries(results: readonly Result[], before: Kept | undefined): Summary[] {
  const engines = Map.groupBy(results, ({ engine }) => engine);
  const parts = [...engines].map(([engine, some]) => summary(engine, some, before));
  return parts.length === 1 ? parts : [...parts, summary("all", results, before)];
}

function summary(engine: string, results: readonly Result[], before: Kept | undefined): Summary {
  const figures = results.flatMap((result) => result.figures ?? []);
  const names = new Set(results.flatMap(({ scores }) => scores.map(({ name }) => name)));
  return {
    engine,
    lines: results.length,
    failed: results.filter(({ failure }) => failure !== undefined).length,
    means: new Map([...names].map((name) => [name, mean(name, results, before)])),
    inputTokens: sum(figures.map(({ inputTokens }) => inputTokens)),
    outputTokens: sum(figures.map(({ outputTokens }) => outputTokens)),
    cost: figures.reduce<number | null>((all, { cost }) => addCosts(all, cost), 0),
    medianMs: median(figures.map(({ ms }) => ms)),
  };
}

function mean(name: string, results: readonly Result[], before: Kept | undefined): Mean {
  const all = scoresOf(name, results);
  const both = all.flatMap(({ key, score }) => {
    const then = before?.lines[key]?.scores[name];
    return then === undefined ? [] : [score - then];
  });
  const value = sum(all.map(({ score }) => score)) / all.length;
  return { value, ...(both.length > 0 && { change: sum(both) / both.length }) };
}

function scoresOf(name: string, results: readonly Result[]): { key: string; score: number }[] {
  return results.flatMap(({ key, scores }) =>
    scores.filter((one) => one.name === name).map(({ score }) => ({ key, score })),
  );
}

/** A score that is lower than in the last run. */
export interface Loss {
  key: string;
  what: string;
}

export function losses(results: readonly Result[], before: Kept | undefined): Loss[] {
  return results.flatMap(({ key, scores, failure }) => {
    const then = before?.lines[key];
    if (!then) return [];
    if (failure !== undefined) return then.failure === undefined ? [{ key, what: `failed: ${failure}` }] : [];
    return scores.flatMap(({ name, score, comment }) => {
      const was = then.scores[name];
      if (was === undefined || score >= was) return [];
      return [{ key, what: `${name} ${was.toFixed(2)} → ${score.toFixed(2)}${comment && ` (${comment})`}` }];
    });
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
