import { html } from "../html.ts";
import type { Change, LineChange } from "./data/wire.ts";

/** A diff by words. Additions and removals are `ins` and `del`, which screen readers announce. */
export function WordDiff({ changes }: { changes: readonly Change[] }) {
  if (changes.every(({ added, removed }) => !added && !removed))
    return html`<p class="about">Nothing. The answers are identical.</p>`;
  return html`<p class="answer-text diff" dir="auto">${changes.map(wordView)}</p>`;
}

function wordView({ value, added, removed }: Change, index: number) {
  const Tag = added ? "ins" : removed ? "del" : "span";
  return html`<${Tag} key=${index}>${value}<//>`;
}

/** Unchanged lines that are shown around a change. */
const contextLines = 2;

/** A diff by lines, without what is far from any change. */
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
