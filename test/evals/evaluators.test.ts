import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

import { DatasetLine, type WrittenLine } from "../../evals/dataset.ts";
import { cites } from "../../evals/evaluators/cites.ts";
import { code } from "../../evals/evaluators/code.ts";
import type { Evaluator, Score } from "../../evals/evaluators/evaluator.ts";
import { length } from "../../evals/evaluators/length.ts";
import { rootCause } from "../../evals/evaluators/root-cause.ts";
import { routing } from "../../evals/evaluators/routing.ts";

function judged(
  evaluator: Evaluator,
  expectation: WrittenLine["expect"],
  response: string,
  { line = {}, ...answered }: { line?: Partial<WrittenLine>; conversationType?: string; metadata?: object } = {},
): Score | undefined {
  const whole = DatasetLine.parse({ id: "line", content: "Hi", ...line, expect: expectation });
  const answer = { conversationType: "simple", ...answered, response, metadata: { ...answered.metadata } };
  return evaluator(whole, answer) as Score | undefined; // rules are synchronous
}

const fenced = (language: string, text: string) => `Here:\n\n\`\`\`${language}\n${text}\n\`\`\`\n\nThat is it.`;

it("a line without expectations is not judged", () => {
  for (const evaluator of [routing, code, rootCause, cites, length]) {
    expect(judged(evaluator, {}, "Hello.")).toBeUndefined();
    expect(judged(evaluator, { type: null }, "Hello.")).toBeUndefined();
  }
});

describe("routing", () => {
  it("is right or wrong", () => {
    expect(judged(routing, { type: "simple" }, "")).toMatchObject({ score: 1, comment: "" });
    expect(judged(routing, { type: "analysis" }, "")).toMatchObject({ score: 0, comment: "simple, not analysis" });
  });

  it("is not judged if the line sets the engine", () => {
    expect(judged(routing, { type: "simple" }, "", { line: { engine: "simple" } })).toBeUndefined();
  });
});

describe("code", () => {
  it.each([
    ["ts", 'enum Colour { Red = "red" }\nexport const one: Colour = Colour.Red;'],
    ["typescript", "await Promise.resolve();"],
    ["ts title=one.ts", "type One<T> = T | undefined;"],
    ["tsx", "const one = <p>One</p>;"],
    ["js", 'import { one } from "./one.js";\nconsole.log(one ?? 1);'],
    ["jsx", "const one = <p>One</p>;"],
    ["js", "const one = <p>One</p>;"],
    ["json", '{"one": [1]}'],
    ["py", "def one():\n    return 1"],
    ["haskell", "one = 1"],
    ["", "make install"],
  ])("in a %j fence with valid syntax counts", (language, text) => {
    expect(judged(code, { code: true }, fenced(language, text))).toEqual({ name: "code", score: 1, comment: "" });
  });

  it.each([
    ["ts", "const one: = 1;", /^typescript: /],
    ["js", "function one( {", /^javascript: /],
    ["js", "const one: number = 1;", /^javascript: contains type annotations$/],
    ["json", "{one: 1}", /^json: /],
  ])("in a %j fence with invalid syntax does not count: %j", (language, text, comment) => {
    const score = judged(code, { code: true }, fenced(language, text));
    expect(score).toEqual({ name: "code", score: 0, comment: expect.stringMatching(comment) });
  });

  it.skipIf(spawnSync("python3", ["--version"]).error)("in Python is checked by Python, if there is one", () => {
    const score = judged(code, { code: true }, fenced("python", "def one(:\n    return 1"));
    expect(score).toMatchObject({ score: 0, comment: expect.stringMatching(/^python: SyntaxError/) });
  });

  it("in another language than expected does not count", () => {
    const expectation = { code: { language: "python" } };
    expect(judged(code, expectation, fenced("js", "1"))).toMatchObject({ score: 0, comment: "no python block" });
    expect(judged(code, expectation, fenced("py", "1"))).toMatchObject({ score: 1 });
    expect(judged(code, expectation, fenced("python3", "1"))).toMatchObject({ score: 1 });
    expect(judged(code, { code: {} }, fenced("js", "1"))).toMatchObject({ score: 1 });
  });

  it.each([
    ["no block", "Just words and `inline code`."],
    ["an empty block", "```js\n\n```"],
    ["an indented block", "So:\n\n    one = 1\n"],
  ])("is missing with %s", (_what, response) => {
    expect(judged(code, { code: true }, response)).toMatchObject({ score: 0, comment: "no code block" });
  });

  it("counts if one of several blocks is valid, and if the last block is cut off", () => {
    const both = `${fenced("json", "{…}")}\n\n${fenced("json", "{}")}`;
    expect(judged(code, { code: true }, both)).toMatchObject({ score: 1 });
    expect(judged(code, { code: true }, "```js\nconst one = 1;")).toMatchObject({ score: 1 });
  });

  it("is never run", () => {
    const text = "globalThis.wasRun = true; throw new Error('run');";
    expect(judged(code, { code: true }, fenced("js", text))).toMatchObject({ score: 1 });
    expect(globalThis).not.toHaveProperty("wasRun");
  });

  it("is not found in a text that is too deeply nested to parse", () => {
    expect(judged(code, { code: true }, ">".repeat(20_000))).toMatchObject({ score: 0 });
  });
});

describe("the root cause", () => {
  it("can be named by the finding or by the answer", () => {
    const metadata = { root_cause: "The cache has no limit." };
    const expectation = { root_cause: ["cache", "no limit", "memory"] };
    expect(judged(rootCause, expectation, "Out of memory.", { metadata })).toMatchObject({ score: 1 });
    const score = judged(rootCause, expectation, "Restart it.", { metadata });
    expect(score).toEqual({ name: "root cause", score: expect.closeTo(2 / 3), comment: "missing: memory" });
  });

  it("is found regardless of case, Markdown, hyphens and line breaks", () => {
    const response = "It is an **Off‑by-one**\nerror in `useState`.";
    expect(judged(rootCause, { root_cause: ["off by one error", "USESTATE"] }, response)).toMatchObject({ score: 1 });
  });
});

describe("the context", () => {
  const line = { context: { file: "cart.ts", limits: { rows: 50 } } };

  it("is cited if the answer mentions the expected parts", () => {
    const expectation = { cites: ["cart.ts", "50", "limits"] };
    expect(judged(cites, expectation, "In `cart.ts` the limits are 50.", { line })).toMatchObject({ score: 1 });
    expect(judged(cites, expectation, "There.", { line })).toMatchObject({ score: 0 });
  });
});

describe("the length", () => {
  it.each([
    [{ max_words: 3 }, "one two three", 1, ""],
    [{ max_words: 2 }, "one two three four", 0.5, "4 words, at most 2"],
    [{ min_words: 4 }, "one", 0.25, "1 words, at least 4"],
    [{ min_words: 1 }, " \n", 0, "0 words, at least 1"],
    [{ min_words: 1, max_words: 2 }, "one\ntwo", 1, ""],
  ])("of %j for %j is %d", (expectation, response, score, comment) => {
    expect(judged(length, expectation, response)).toEqual({ name: "length", score, comment });
  });
});
