import { styleText } from "node:util";

import type { Check, Examined } from "../../src/doctor/examine.ts";
import type { Verdict } from "../../src/doctor/verdict.ts";

/** Width of the first column. */
const width = 12;

/** For people: a line for each check, and the verdict at the end. */
export function printed(examined: Examined[], { isFit, sentence }: Verdict): string {
  const models = examined.map((one) => `${linesOf(one).join("\n")}\n\n`);
  return `${models.join("")}${coloured(isFit ? "green" : "red", sentence)}\n`;
}

function linesOf({ model, server, checks, adapted, price, reports_usage, context_tokens }: Examined): string[] {
  const usage = reports_usage ? "" : "; the server reports no tokens, so costs stay unknown";
  const costs = price
    ? `US$ ${dollars(price.input)} in, ${dollars(price.output)} out, per million tokens`
    : `price unknown: set MODEL_PRICES=${model}=input/output`;
  const isAnswered = checks.some(({ result }) => result === "ok");
  return [
    `${model} · ${server}`,
    ...checks.map((check) => row(check.kind, resultOf(check))),
    ...adapted.map((change, index) => row(index === 0 ? "adapted" : "", change)),
    row("costs", costs + (isAnswered ? usage : "")),
    row(
      "context",
      context_tokens === null ? "unknown: set MODEL_CONTEXT_TOKENS if it is short" : tokens(context_tokens),
    ),
  ];
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(width)}${text}`;
}

function resultOf({ result, ms = 0, first_word_ms, note, trouble }: Check): string {
  if (result === "skipped") return "not asked";
  const word = result === "ok" ? coloured("green", "ok    ") : coloured("red", "failed");
  const took = duration(ms).padStart(8);
  const first = first_word_ms === undefined ? [] : [`first word after ${duration(first_word_ms)}`];
  const said = trouble ? [[trouble.status, trouble.said ?? trouble.message].filter(Boolean).join(": ")] : [];
  return [`${word}${took}`, ...first, ...(note ? [note] : []), ...said].join("   ");
}

function duration(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function dollars(price: number): string {
  return price.toFixed(price < 0.1 && price > 0 ? 4 : 2);
}

function tokens(count: number): string {
  return `${count.toLocaleString("en")} tokens`;
}

/** Only on a terminal. */
function coloured(colour: "green" | "red", text: string): string {
  return styleText(colour, text, { stream: process.stdout });
}
