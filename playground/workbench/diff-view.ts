import type { Change, LineChange } from "../../src/workbench/wire/prompts.ts";
import { html } from "../html.ts";

/** The lines of unchanged text shown next to a change. */
const nearLines = 2;

/** A diff by words, without the text far from any change. Additions and removals are `ins` and `del`, which screen readers announce. */
export function WordDiff({ changes }: { changes: readonly Change[] }) {
  if (changes.every(({ added, removed }) => !added && !removed))
    return html`<p class="about">Nothing. The answers are identical.</p>`;
  return html`<p class="answer-text diff" dir="auto">${changes.map(wordView)}</p>`;
}

function wordView({ value, added, removed }: Change, index: number, all: readonly Change[]) {
  const Tag = added ? "ins" : removed ? "del" : "span";
  if (Tag === "span") return html`<span key=${index}>${nearby(value, index > 0, index < all.length - 1)}</span>`;
  return html`<${Tag} key=${index}>${value}<//>`;
}

function nearby(text: string, isAfterChange: boolean, isBeforeChange: boolean) {
  const lines = text.split("\n");
  const head = isAfterChange ? nearLines + 1 : 0;
  const tail = isBeforeChange ? nearLines + 1 : 0;
  const hidden = lines.length - head - tail;
  if (hidden < nearLines) return text;
  const shown = [lines.slice(0, head), lines.slice(lines.length - tail)].map((some) => some.join("\n"));
  return [
    head > 0 && `${shown[0]}\n`,
    html`<span class="gap">⋯ ${hidden} lines unchanged${tail > 0 && "\n"}</span>`,
    tail > 0 && shown[1],
  ];
}

/** Unchanged lines that are shown around a change. */
const contextLines = 2;

/** A diff by lines, without the lines far from any change. */
export function LineDiff({ lines, label }: { lines: readonly LineChange[]; label: string }) {
  if (lines.every(({ sign }) => sign === " ")) return html`<p class="about">The texts are the same.</p>`;
  const isNear = (_: LineChange, at: number) =>
    lines.slice(Math.max(0, at - contextLines), at + contextLines + 1).some(({ sign }) => sign !== " ");
  const shown = lines.map((line, at) => ({ line, at })).filter(({ line, at }) => isNear(line, at));
  return html`<pre class="line-diff diff" tabindex="0" aria-label=${label}>${shown.map(({ line, at }, index) => {
    const isAfterGap = index > 0 && shown[index - 1]?.at !== at - 1;
    return [isAfterGap && html`<span class="gap">⋯${"\n"}</span>`, lineView(line, at)];
  })}</pre>`;
}

const tags = { "+": "ins", "-": "del", " ": "span" };

function lineView({ sign, parts }: LineChange, at: number) {
  const words = parts.map(({ value, added, removed }, index) =>
    added || removed ? html`<b key=${index}>${value}</b>` : value,
  );
  return html`<${tags[sign]} key=${at} class="line">${sign === "-" ? "−" : sign} ${words}${"\n"}<//>`;
}
