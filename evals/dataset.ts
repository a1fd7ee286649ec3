import { readdirSync } from "node:fs";
import { basename } from "node:path";

import { z } from "zod";

import { isConversationType } from "../graphs/engines.ts";
import { JsonObject } from "../src/channel/inbound.ts";
import { readText } from "../src/settings/text-file.ts";

const Engine = z.string().refine(isConversationType, "unknown engine");
const Phrases = z.array(z.string().trim().min(1)).min(1);
const Words = z.number().int().min(1);

/** What is expected of an answer. Omitted fields are not judged. */
const Expectation = z.strictObject({
  /** The engine that the router should choose. */
  type: Engine.nullish(),
  /** A code block with valid syntax; `true` accepts any language. */
  code: z.union([z.literal(true), z.strictObject({ language: z.string().min(1).optional() })]).optional(),
  /** Phrases that must appear in `metadata.root_cause` or in the answer. */
  root_cause: Phrases.optional(),
  /** Parts of the context that the answer must mention. */
  cites: Phrases.optional(),
  max_words: Words.optional(),
  min_words: Words.optional(),
  /** Criteria for the judge model. */
  criteria: z.string().min(1).optional(),
});

/** One line of `datasets/*.jsonl`: a message with its circumstances, and what is expected of the answer. */
export const DatasetLine = z
  .strictObject({
    id: z.string().min(1),
    history: z.array(z.strictObject({ role: z.enum(["user", "assistant"]), content: z.string() })).default([]),
    /** A summary of the turns before `history`. */
    summary: z.string().default(""),
    context: JsonObject.default({}),
    options: JsonObject.default({}),
    preferences: JsonObject.default({}),
    content: z.string().min(1),
    /** The engine to use. Without it, the router chooses. */
    engine: Engine.optional(),
    expect: Expectation,
    /** A good answer, as a reference for the judge. */
    reference: z.string().optional(),
  })
  .refine(({ context, expect }) => (expect.cites ?? []).every((value) => holds(context, value)), {
    path: ["expect", "cites"],
    message: "every entry must occur in the context",
  });

export type DatasetLine = z.infer<typeof DatasetLine>;

/** A line before parsing: defaults may be missing. */
export type WrittenLine = z.input<typeof DatasetLine>;

/** True if a JSON value contains the text, in a key or in a value. */
function holds(value: unknown, text: string): boolean {
  if (typeof value !== "object" || value === null) return String(value).includes(text);
  return Object.entries(value).some(([key, part]) => key.includes(text) || holds(part, text));
}

export interface Dataset {
  name: string;
  lines: DatasetLine[];
}

const folder = new URL("datasets/", import.meta.url);

/** The names of all datasets. */
export function datasetNames(): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".jsonl"));
  return files.map((file) => basename(file, ".jsonl")).sort();
}

/** Reads a dataset by name or by path (`….jsonl`). Throws an error with the file, the line and the reason. */
export function readDataset(name: string): Dataset {
  const isFile = name.endsWith(".jsonl");
  if (!isFile && !datasetNames().includes(name)) {
    throw new Error(`There is no dataset "${name}". Use a path or one of: ${datasetNames().join(", ")}.`);
  }
  const lines = linesOf(name, readText(isFile ? name : new URL(`${name}.jsonl`, folder)));
  return { name: basename(name, ".jsonl"), lines };
}

function linesOf(name: string, text: string): DatasetLine[] {
  const seen = new Set<string>();
  return text.split("\n").flatMap((written, index) => {
    if (written.trim() === "") return [];
    const place = `${name}, line ${index + 1}`;
    const line = DatasetLine.safeParse(json(written, place));
    if (!line.success) throw new Error(`${place}: ${z.prettifyError(line.error)}`);
    if (seen.has(line.data.id)) throw new Error(`${place}: duplicate id "${line.data.id}".`);
    seen.add(line.data.id);
    return [line.data];
  });
}

function json(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${place}: invalid JSON.`, { cause: error });
  }
}
