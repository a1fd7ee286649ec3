import { dollars, table } from "../cli/replay/print.ts";
import type { Result } from "./run.ts";
import type { Loss, Mean, Summary } from "./summary.ts";

/** A table with one row per engine: means and their changes since the last run, tokens, cost and time. */
export function printTable(summaries: readonly Summary[]): string {
  const names = [...new Set(summaries.flatMap(({ means }) => [...means.keys()]))].sort();
  const head = ["engine", "lines", ...names, "failed", "tokens in → out", "cost", "time p50"];
  const rows = summaries.map(({ engine, lines, means, failed, inputTokens, outputTokens, cost, medianMs }) => [
    engine,
    `${lines}`,
    ...names.map((name) => meanOf(means.get(name))),
    failed === 0 ? "" : `${failed}`,
    `${inputTokens} → ${outputTokens}`,
    dollars(cost),
    medianMs === undefined ? "" : `${(medianMs / 1000).toFixed(1)} s`,
  ]);
  return `${table([head, ...rows])}\n`;
}

function meanOf(mean: Mean | undefined): string {
  if (!mean) return "";
  const { value, change = 0 } = mean;
  const moved = Math.abs(change).toFixed(2);
  if (moved === "0.00") return value.toFixed(2);
  return `${value.toFixed(2)} ${change > 0 ? "+" : "−"}${moved}`;
}

export function printLosses(losses: readonly Loss[]): string {
  if (losses.length === 0) return "";
  return `\nWorse than in the last run:\n${losses.map(({ key, what }) => `  ${key}  ${what}\n`).join("")}`;
}

/** One line of progress: the scores below 1 and why. */
export function printResult({ key, scores, figures, failure }: Result, done: number, of: number): string {
  const lost = scores.filter(({ score }) => score < 1);
  const points = lost.map(({ name, score, comment }) => `${name} ${score.toFixed(2)} (${comment})`);
  const said = failure === undefined ? points.join(", ") || "ok" : `failed: ${failure}`;
  return `${done}/${of} ${key}${figures ? ` ${(figures.ms / 1000).toFixed(1)} s` : ""}: ${said}\n`;
}
