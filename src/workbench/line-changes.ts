import { diffLines } from "diff";

import { changes } from "./comparison.ts";
import type { LineChange } from "./wire/prompts.ts";

/** For all word diffs of one line diff together. */
const wordsTimeoutMs = 20;

/** Diffs two texts by lines, and changed lines by words. If that takes too long, the texts are compared as a whole. */
export function lineChanges(older: string, newer: string, timeoutMs = 30): LineChange[] {
  const found = diffLines(older, newer, { timeout: timeoutMs }) ?? [
    { value: older, removed: true },
    { value: newer, added: true },
  ];
  const deadline = performance.now() + wordsTimeoutMs;
  return found.flatMap(({ value, added, removed }, at) => {
    const lines = linesOf(value);
    if (!added && !removed) return lines.map((line) => whole(" ", line));
    const [before, after] = [found[at - 1], found[at + 1]];
    const other = removed && after?.added ? after : added && before?.removed ? before : undefined;
    const others = other ? linesOf(other.value) : [];
    const sign = added ? "+" : "-";
    return lines.map((line, index): LineChange => {
      const counterpart = others[index];
      const leftMs = deadline - performance.now();
      if (counterpart === undefined || others.length !== lines.length || leftMs <= 1) return whole(sign, line);
      const words = added ? changes(counterpart, line, leftMs) : changes(line, counterpart, leftMs);
      return { sign, parts: words.filter((part) => (added ? !part.removed : !part.added)) };
    });
  });
}

function whole(sign: LineChange["sign"], line: string): LineChange {
  return { sign, parts: [{ value: line }] };
}

function linesOf(value: string): string[] {
  return value.replace(/\n$/, "").split("\n");
}
