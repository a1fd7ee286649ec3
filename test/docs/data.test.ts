import { expect, it } from "vitest";

import { DatasetLine } from "../../evals/dataset.ts";
import { parsePrompt } from "../../graphs/prompt.ts";
import { snippets } from "./snippets.ts";

it.each(snippets("json"))("$name: is a line of a dataset", ({ code }) => {
  for (const line of code.split("\n")) expect(DatasetLine.safeParse(JSON.parse(line)).error).toBeUndefined();
});

it.each(snippets("md"))("$name: is a sound prompt file", ({ code }) => {
  expect(parsePrompt("example", code, []).template.join("")).not.toBe("");
});
