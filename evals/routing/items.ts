import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

import { z } from "zod";

export const Item = z.object({
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

function files(): string[] {
  return readdirSync(folder)
    .filter((name) => name === "data.jsonl" || /^written-.+\.jsonl$/.test(name))
    .sort();
}

/** All labelled messages: real ones in `data.jsonl`, and ones written for training in `written-*.jsonl`. */
export const items: Item[] = files().flatMap((name) =>
  readFileSync(new URL(name, folder), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => Item.parse(JSON.parse(line))),
);

/** The hash of all data files; weights.json records what it was trained on. */
export function sha256(): string {
  const hash = createHash("sha256");
  for (const name of files()) hash.update(readFileSync(new URL(name, folder)));
  return hash.digest("hex");
}

/** The kinds of messages that are judged. Their figures are told apart. */
export const kinds = ["real", "openers", "mid-session", "edge cases"] as const;
export type Kind = (typeof kinds)[number];

/** Messages from one source, or from a few small ones. */
export interface Group {
  name: string;
  kind: Kind;
  items: Item[];
}

const sources: readonly (readonly [name: string, kind: Kind, pattern: RegExp])[] = [
  ["RealHumanEval", "real", /^RealHumanEval/],
  ["arena-hard", "real", /^arena-hard/],
  ["CodeAssistBench", "real", /^CodeAssistBench/],
  ["contact_maintain", "real", /contact_maintain$/],
  ["gpt-crawler", "real", /gpt-crawler$/],
  ["polychrome.p5", "real", /polychrome/],
  ["other SpecStory", "real", /^SpecStory(?!.*(?:contact_maintain|gpt-crawler|polychrome))/],
  ["edge cases", "edge cases", /^edge cases$/],
  ...["beginner", "operator", "expert", "office", "phone", "nonnative", "searcher"].map(
    (habit) => [habit, "openers", new RegExp(`^written openers: ${habit}$`)] as const,
  ),
  ["first writer", "mid-session", /^written mid-session: one$/],
  ["second writer", "mid-session", /^written mid-session: two$/],
];

/**
 * The messages that are judged, in groups of whole sources. Real ones come from people; openers, mid-session messages and edge cases
 * were written. The other written messages are only trained on.
 */
export const groups: Group[] = sources.map(([name, kind, pattern]) => ({
  name,
  kind,
  items: items.filter(({ source }) => pattern.test(source)),
}));

/**
 * A message is only judged by a model trained without its group: people from one source write alike, so mixed folds would make the
 * figures several points too good. Each fold leaves out groups of different kinds, so that few folds judge them all.
 */
export const folds: Group[][] = [
  ["arena-hard", "beginner"],
  ["RealHumanEval", "operator", "first writer"],
  ["polychrome.p5", "CodeAssistBench", "expert"],
  ["contact_maintain", "gpt-crawler", "office", "second writer"],
  ["other SpecStory", "edge cases", "phone"],
  ["nonnative", "searcher"],
].map((names) => groups.filter(({ name }) => names.includes(name)));
