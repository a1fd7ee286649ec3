import type { Score } from "./evaluator.ts";

/** Scores the share of phrases that a text contains. Ignores case, Markdown, hyphens and line breaks. */
export function mentions(name: string, text: string, phrases: readonly string[]): Score {
  const said = plain(text);
  const missing = phrases.filter((phrase) => !said.includes(plain(phrase)));
  const score = 1 - missing.length / phrases.length;
  return { name, score, comment: missing.length > 0 ? `missing: ${missing.join(", ")}` : "" };
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[`*]/g, "")
    .replace(/[\s\u2010-\u2014-]+/g, " ");
}
