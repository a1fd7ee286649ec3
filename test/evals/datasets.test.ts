import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { datasetNames, readDataset } from "../../evals/dataset.ts";
import { engineOf } from "../../evals/run.ts";
import { chosenEngines } from "../../graphs/chosen-engines.ts";

describe("the starter datasets", () => {
  it.each(Object.keys(chosenEngines()))("have lines for %s", (engine) => {
    const lines = readDataset(engine).lines.filter((line) => engineOf(line) === engine);
    expect(lines.length).toBeGreaterThanOrEqual(8);
  });

  it.each(datasetNames())("every line of %s has an expectation", (name) => {
    for (const { id, expect: expected } of readDataset(name).lines) {
      expect(Object.keys(expected).length, id).toBeGreaterThan(0);
    }
  });
});

describe("a line", () => {
  const read = (...lines: string[]) => {
    const file = join(mkdtempSync(join(tmpdir(), "dataset-")), "mine.jsonl");
    writeFileSync(file, lines.join("\n"));
    return () => readDataset(file);
  };

  it("needs only an id, a message and an expectation", () => {
    const { name, lines } = read('{"id": "a", "content": "Hi", "expect": {}}', "", "  ")();
    expect(name).toBe("mine");
    expect(lines).toMatchObject([{ id: "a", content: "Hi", history: [], context: {}, expect: {} }]);
  });

  it.each([
    ["not JSON", "{", /line 1: invalid JSON/],
    ["an unknown expectation", '{"id": "a", "content": "Hi", "expect": {"max_word": 3}}', /max_word/],
    ["an unknown engine", '{"id": "a", "content": "Hi", "expect": {"type": "poetry"}}', /unknown engine/],
    [
      "a citation that is not in the context",
      '{"id": "a", "content": "Hi", "expect": {"cites": ["x"]}}',
      /occur in the context/,
    ],
    ["no message", '{"id": "a", "content": "", "expect": {}}', /content/],
  ])("with %s is refused", (_fault, line, message) => {
    expect(read(line)).toThrow(message);
  });

  it("may come from an editor that writes a byte order mark and line endings of Windows", () => {
    const { lines } = read('\uFEFF{"id": "a", "content": "Hi", "expect": {}}\r', "")();
    expect(lines).toMatchObject([{ id: "a", content: "Hi" }]);
  });

  it("needs a unique id", () => {
    const line = '{"id": "a", "content": "Hi", "expect": {}}';
    expect(read(line, line)).toThrow('line 2: duplicate id "a"');
  });
});
