import { styleText } from "node:util";
import {
  changes,
  difference,
  type Figures,
  figuresOf,
  originalFigures,
  totalOf,
} from "../../src/workbench/comparison.ts";
import type { Answered } from "../../src/workbench/detached.ts";
import type { Recorded } from "../../src/workbench/record.ts";

/** The time limit for one comparison. A command line can wait longer than a server. */
const comparisonTimeoutMs = 1_000;

/** A turn and its replay, or the reason why it failed. */
export interface Replayed {
  recorded: Recorded;
  answered?: Answered;
  failure?: string;
}

/** One turn in detail: the figures of both runs, and a word diff of the answers. */
export function printOne({ recorded, answered, failure }: Replayed): string {
  const { turn } = recorded;
  const head = `${styleText("bold", turn.request.query)}\n`;
  if (!answered) return `${head}${styleText("red", `failed: ${failure}`)}\n`;
  const before = originalFigures(recorded);
  const after = figuresOf(answered);
  const parts = changes(turn.outcome?.response ?? "", answered.response, comparisonTimeoutMs);
  const text = parts.map(({ value, added, removed }) => {
    if (added) return styleText(["green", "underline"], mark(value, "+"));
    return removed ? styleText(["red", "strikethrough"], mark(value, "-")) : value;
  });
  const notes = notesOf(answered).map((note) => `${note}\n`);
  const isSame = parts.every(({ added, removed }) => !added && !removed);
  return `${head}${figureLines(before, after)}\n${notes.join("")}${notes.length > 0 ? "\n" : ""}${isSame ? "The answers are the same.\n\n" : ""}${text.join("")}\n`;
}

/** In UTF-16 units. What a line quotes of a value. */
const maxQuoteUnits = 200;

/** A line for each tool call and each answer of a person. */
function notesOf({ calls, answers }: Answered): string[] {
  return [
    ...calls.map((call) => `tool ${call.tool_name}(${quoted(call.input)}): ${sourceOf(call)}`),
    ...answers.map(({ value, answer, from }) => {
      const other = from === "other_question" ? ", as to another question of the turn" : "";
      return `asked ${quoted(value)}: answered ${quoted(answer)}${other}`;
    }),
  ];
}

function sourceOf({ from, recorded_input }: Answered["calls"][number]): string {
  if (from === "live") return "run again";
  return from === "same_input" ? "recorded result" : `recorded result of the input ${quoted(recorded_input)}`;
}

function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > maxQuoteUnits ? `${text.slice(0, maxQuoteUnits).toWellFormed()} …` : text;
}

/** Marks additions and removals with + and - if the terminal has no colours. */
function mark(value: string, sign: "+" | "-"): string {
  return process.stdout.hasColors?.() ? value : `[${sign}${value}${sign}]`;
}

function figureLines(before: Figures, after: Figures): string {
  const rows = [
    ["", "original", "replay"],
    ["engine", before.route, after.route],
    ["model", before.model, after.model],
    ["tokens", `${before.inputTokens} → ${before.outputTokens}`, `${after.inputTokens} → ${after.outputTokens}`],
    ["model calls", `${before.calls}`, `${after.calls}`],
    ["first word", ms(before.firstWordMs), ms(after.firstWordMs)],
    ["time", `${before.ms} ms`, `${after.ms} ms`],
    ["cost", dollars(before.cost), dollars(after.cost)],
  ];
  return `${table(rows)}\n`;
}

/** A table with one row per turn, and the totals. */
export function printMany(all: readonly Replayed[]): string {
  const rows = all.map(({ recorded, answered, failure }) => {
    const before = originalFigures(recorded);
    const query = recorded.turn.request.query.replace(/\s+/g, " ").slice(0, 40);
    if (!answered) return [query, before.route, `failed: ${failure}`, "", "", "", ""];
    const after = figuresOf(answered);
    const changed = difference(changes(recorded.turn.outcome?.response ?? "", answered.response, comparisonTimeoutMs));
    const route = before.route === after.route ? after.route : `${before.route} → ${after.route}`;
    return [query, route, percent(changed), ...numbers(before, after)];
  });
  const done = all.flatMap(({ recorded, answered }) =>
    answered ? [[originalFigures(recorded), figuresOf(answered)] as const] : [],
  );
  const together = numbers(totalOf(done.map(([before]) => before)), totalOf(done.map(([, after]) => after)));
  const head = ["message", "engine", "words changed", "tokens out", "first word", "ms", "cost"];
  const total = [`${done.length} of ${all.length} turns`, "", "", ...together];
  return `${table([head, ...rows, total])}\n`;
}

function numbers(before: Figures, after: Figures): string[] {
  return [
    `${before.outputTokens} → ${after.outputTokens}`,
    `${ms(before.firstWordMs)} → ${ms(after.firstWordMs)}`,
    `${before.ms} → ${after.ms}`,
    `${dollars(before.cost)} → ${dollars(after.cost)}`,
  ];
}

export function dollars(cost: number | null): string {
  return cost === null ? "unknown" : `$${cost.toFixed(5)}`;
}

function ms(value: number | null): string {
  return value === null ? "unknown" : `${value} ms`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Aligns the columns of a table. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return lines.join("\n");
}
