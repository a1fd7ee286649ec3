import { expect, it } from "vitest";

import { argumentsOf } from "../../evals/arguments.ts";
import { readResults } from "../../evals/results.ts";
import { suite, tasksOf } from "../../evals/suite.ts";
import { config } from "../../src/config.ts";

/** Everything that `npm run eval -- …` does before it asks a model. */
function prepare(words: string[]): void {
  const wanted = argumentsOf(words);
  tasksOf(wanted);
  readResults(wanted.results);
  suite(config({}), wanted);
}

it.each([
  [["poetry"], 'There is no dataset "poetry". Use a path or one of: analysis,'],
  [["simple", "--engine", "poetry"], '--engine: there is no engine "poetry".'],
  [["simple", "--engine", "analysis"], "No line of these datasets matches."],
  [["--limit", "few"], '--limit: expected a number, got "few"'],
  [["--at-once", "0"], "--at-once: expected a whole number of at least 1"],
  [["simple", "--prompt", "simple=/no/such.md"], "--prompt: cannot read /no/such.md"],
  [["simple", "--prompt", "nonsense=README.md"], "No graph uses a prompt of this name."],
  [["simple", "--results", "README.md"], "README.md is not a results file"],
])("npm run eval with %j fails with a message", (words, message) => {
  expect(() => prepare(words)).toThrow(message);
});

it("--limit counts the lines of each dataset", () => {
  const tasks = tasksOf(argumentsOf(["simple", "analysis", "--limit", "2"]));
  expect(tasks.map(({ dataset }) => dataset)).toEqual(["simple", "simple", "analysis", "analysis"]);
});
