import { afterAll, expect, it } from "vitest";

import { startLangSmithServer } from "../support/langsmith-server.ts";
import { start } from "../support/start.ts";
import { runner } from "./support.ts";

const server = await start();
const { run } = runner(server);
afterAll(() => server.close());

const vitest = ["run", "--config", "evals/vitest.config.ts", "-t", "conversation-channel simple"];

/** Runs `npm run eval:langsmith -- -t "conversation-channel simple"`. */
const evaluate = (env: Record<string, string>) => run("node_modules/vitest/vitest.mjs", vitest, env);

it("a dataset is uploaded to LangSmith, and its run is an experiment with scores and traces", {
  timeout: 60_000,
}, async () => {
  await using langsmith = await startLangSmithServer();
  server.model.answer(({ schema }) =>
    schema ? { json: { requirements: [{ requirement: "One", reason: "No.", is_met: false }] } } : "An answer.",
  );
  const { code, out, err } = await evaluate({
    LANGSMITH_TRACING: "true",
    LANGSMITH_API_KEY: "langsmith-key",
    LANGSMITH_ENDPOINT: langsmith.url,
  });
  expect(code, `${out}${err}`).toBe(0);
  expect(out).toMatch(/^simple +10 +/m);
  expect(langsmith.datasets.map(({ name }) => name)).toEqual(["conversation-channel simple"]);
  expect(langsmith.examples.size).toBe(10);
  const [experiment] = langsmith.experiments.values();
  expect(experiment?.extra?.metadata).toMatchObject({ model: "test-model" });

  const roots = [...langsmith.runs.values()].filter((one) => !one.parent_run_id);
  expect(new Set(roots.map((root) => root.reference_example_id))).toEqual(new Set(langsmith.examples.keys()));
  const root = roots.find(({ inputs }) => inputs?.content === "Great, thanks a lot!");
  expect(root?.outputs).toMatchObject({ response: "An answer.", route: "simple" });
  const calls = [...langsmith.runs.values()].filter((one) => one.trace_id === root?.id && one.run_type === "llm");
  expect(calls.length).toBeGreaterThan(0);
  const scores = langsmith.feedback.filter(({ run_id }) => run_id === root?.id);
  expect(Object.fromEntries(scores.map(({ key, score }) => [key, score]))).toMatchObject({
    routing: 1,
    length: 1,
    judge: 0,
  });
});

it("a run without LangSmith's settings fails with what is missing", { timeout: 60_000 }, async () => {
  const { code, out, err } = await evaluate({});
  expect(`${out}${err}`).toContain("LangSmith is off: set LANGSMITH_TRACING=true");
  expect(code).toBe(1);
});
