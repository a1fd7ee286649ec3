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

/** All labelled messages: real ones in `data.jsonl`, and ones written for training in `written-*.jsonl`. */
export const items: Item[] = files.flatMap((name) =>
  readFileSync(new URL(name, folder), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => Item.parse(JSON.parse(line))),
);

export const realItems = items.filter((item) => item.source !== "written");

/** The hash of all data files; weights.json records what it was trained on. */
export function sha256(): string {
  const hash = createHash("sha256");
  for (const name of files) hash.update(readFileSync(new URL(name, folder)));
  return hash.digest("hex");
}

/**
 * Real messages in groups of whole sources. A message is only judged by a model trained without its group: people from
 * one source write alike, so mixed folds would make the figures several points too good.
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

/** The groups of the fixed held-out split. */
export const heldOut = ["gpt-crawler", "CodeAssistBench", "other SpecStory"];
