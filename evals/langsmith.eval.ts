import * as ls from "langsmith/vitest";
import { afterAll } from "vitest";

import { config } from "../src/config.ts";
import { isDemo } from "../src/models/models.ts";
import { printTable } from "./print.ts";
import { evaluate, type Result } from "./run.ts";
import { suite, tasksOf } from "./suite.ts";
import { summaries } from "./summary.ts";

const settings = config(process.env);
if (!settings.LANGSMITH_TRACING) {
  throw new Error(
    "LangSmith is off: set LANGSMITH_TRACING=true and LANGSMITH_API_KEY. To run without LangSmith, use `npm run eval`.",
  );
}

const { ask, evaluators } = suite(settings, {});
const results: Result[] = [];

const metadata = { model: isDemo(settings) ? "demo" : settings.MODEL };

/** Uploads each dataset to LangSmith; each run of it becomes an experiment. */
for (const [dataset, tasks] of Map.groupBy(tasksOf({ datasets: [] }), (task) => task.dataset)) {
  const examples = () => {
    for (const task of tasks) {
      const { id, expect, reference, ...inputs } = task.line;
      const example = { inputs, referenceOutputs: { ...expect, reference }, metadata: { line: id } };
      ls.test.concurrent(id, example, async () => {
        const result = await evaluate(task, ask, evaluators);
        results.push(result);
        for (const { name, score, comment } of result.scores) ls.logFeedback({ key: name, score, comment });
        if (result.failure !== undefined) throw new Error(result.failure);
        return { response: result.response, ...result.figures };
      });
    }
  };
  ls.describe(`conversation-channel ${dataset}`, examples, { metadata });
}

afterAll(() => {
  process.stdout.write(`\n${printTable(summaries(results, undefined))}\n`);
});
