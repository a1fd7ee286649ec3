import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

import { z } from "zod";

const Item = z.object({
  id: z.string(),
  source: z.string(),
  history: z.array(z.object({ role: z.string(), content: z.string() })).default([]),
  context: z.record(z.string(), z.unknown()).default({}),
  content: z.string(),
  label: z.string(),
  alt_labels: z.array(z.string()).default([]),
  note: z.string().default(""),
});

/** A labelled message. */
export type Item = z.infer<typeof Item>;

const folder = new URL("./", import.meta.url);

const files = readdirSync(folder)
  .filter((name) => name === "data.jsonl" || /^written-.+\.jsonl$/.test(name))
  .sort();

/** All labelled messages of this folder: `data.jsonl` are real ones, `written-*.jsonl` were written for training. */
export const items: Item[] = files.flatMap((name) =>
  readFileSync(new URL(name, folder), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => Item.parse(JSON.parse(line))),
);

export const realItems = items.filter((item) => item.source !== "written");

/** Of the files' contents, so that the weights say what they were trained on. */
export function sha256(): string {
  const hash = createHash("sha256");
  for (const name of files) hash.update(readFileSync(new URL(name, folder)));
  return hash.digest("hex");
}

/**
 * Real messages by groups of whole sources. A message is only ever judged by a model that has seen none of its group:
 * people of one source write alike, and figures from mixed folds flatter by several points.
 */
export const groups: { name: string; items: Item[] }[] = [
  ["RealHumanEval", /^RealHumanEval/],
  ["arena-hard", /^arena-hard/],
  ["CodeAssistBench", /^CodeAssistBench/],
  ["contact_maintain", /contact_maintain$/],
  ["gpt-crawler", /gpt-crawler$/],
  ["polychrome.p5", /polychrome/],
  ["other SpecStory", /^SpecStory(?!.*(?:contact_maintain|gpt-crawler|polychrome))/],
  ["edge cases", /^edge cases$/],
].map(([name, pattern]) => ({
  name: String(name),
  items: realItems.filter(({ source }) => (pattern as RegExp).test(source)),
}));

/** The repository's own held-out split: whole sources, judged by a model trained without them. */
export const heldOut = ["gpt-crawler", "CodeAssistBench", "other SpecStory"];
