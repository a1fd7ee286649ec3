import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import { z } from "zod";

import { isConversationType } from "../graphs/engines.ts";
import { JsonObject } from "../src/channel/inbound.ts";

const Engine = z.string().refine(isConversationType, "there is no such engine");
const Phrases = z.array(z.string().trim().min(1)).min(1);
const Words = z.number().int().min(1);

/** What is expected of an answer; what is left out is not judged. */
const Expectation = z.strictObject({
  /** The engine that the router has to choose. */
  type: Engine.nullish(),
  /** A code block that can be run, of this language or of any. */
  code: z.union([z.literal(true), z.strictObject({ language: z.string().min(1).optional() })]).optional(),
  /** All of these appear in `metadata.root_cause` or in the answer. */
  root_cause: Phrases.optional(),
  /** What the answer has to use of the context. */
  cites: Phrases.optional(),
  max_words: Words.optional(),
  min_words: Words.optional(),
  /** What a judge model looks for. */
  criteria: z.string().min(1).optional(),
});

/** One line of `datasets/*.jsonl`: a message with all that it comes with, and what is expected of its answer. */
export const DatasetLine = z
  .strictObject({
    id: z.string().min(1),
    history: z.array(z.strictObject({ role: z.enum(["user", "assistant"]), content: z.string() })).default([]),
    /** Of what was said before the history. */
    summary: z.string().default(""),
    context: JsonObject.default({}),
    options: JsonObject.default({}),
    preferences: JsonObject.default({}),
    content: z.string().min(1),
    /** Chosen by the client: the router is not asked. */
    engine: Engine.optional(),
    expect: Expectation,
    /** An answer that is known to be good, for the judge. */
    reference: z.string().optional(),
  })
  .refine(({ context, expect }) => (expect.cites ?? []).every((value) => holds(context, value)), {
    path: ["expect", "cites"],
    message: "all of it must be in the context",
  });

export type DatasetLine = z.infer<typeof DatasetLine>;

/** A line as it is written. */
export type WrittenLine = z.input<typeof DatasetLine>;

/** Whether a text stands somewhere in a JSON value, in a key or in what it has. */
function holds(value: unknown, text: string): boolean {
  if (typeof value !== "object" || value === null) return String(value).includes(text);
  return Object.entries(value).some(([key, part]) => key.includes(text) || holds(part, text));
}

export interface Dataset {
  name: string;
  lines: DatasetLine[];
}

const folder = new URL("datasets/", import.meta.url);

/** The names of the datasets that there are. */
export function datasetNames(): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".jsonl"));
  return files.map((file) => basename(file, ".jsonl")).sort();
}

/** A dataset by its name, or a file of one (`….jsonl`). Throws an error that names file, line and fault. */
export function readDataset(name: string): Dataset {
  const isFile = name.endsWith(".jsonl");
  if (!isFile && !datasetNames().includes(name)) {
    throw new Error(`There is no dataset "${name}"; there is: ${datasetNames().join(", ")}.`);
  }
  const lines = linesOf(name, readFileSync(isFile ? name : new URL(`${name}.jsonl`, folder), "utf8"));
  return { name: basename(name, ".jsonl"), lines };
}

function linesOf(name: string, text: string): DatasetLine[] {
  const seen = new Set<string>();
  return text.split("\n").flatMap((written, index) => {
    if (written.trim() === "") return [];
    const place = `${name}, line ${index + 1}`;
    const line = DatasetLine.safeParse(json(written, place));
    if (!line.success) throw new Error(`${place}: ${z.prettifyError(line.error)}`);
    if (seen.has(line.data.id)) throw new Error(`${place}: the id "${line.data.id}" is there twice.`);
    seen.add(line.data.id);
    return [line.data];
  });
}

function json(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${place}: this is no JSON.`, { cause: error });
  }
}
