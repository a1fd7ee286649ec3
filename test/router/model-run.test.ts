import { execFile } from "node:child_process";
import { decide } from "conversation-channel-router";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { groups } from "../../evals/routing/items.ts";
import type { Answer } from "../../evals/routing/measure.ts";
import { measureWithModel, settingsOfRun } from "../../evals/routing/model-run.ts";
import { sampled } from "../../evals/routing/sample.ts";
import { faults, type ModelRequest, startModelServer } from "../support/model-server.ts";
import { some } from "../support/size.ts";
import { inherited } from "../support/spawned.ts";

const model = await startModelServer();
afterAll(() => model.close());
beforeEach(() => model.reset());

const settings = await settingsOfRun({
  OPENAI_API_KEY: "test",
  OPENAI_BASE_URL: model.url,
  MODEL: "test-model",
  MODEL_PRICES: "test-model=1/10",
});

/** Decisions of the shipped weights; the figures do not matter here. */
const answers: Answer[] = groups.flatMap((group) =>
  group.items.slice(0, 30).map((item) => {
    const { type, confidence, sure } = decide(item.content, item.history, item.context);
    return { item, group, type, confidence, sure };
  }),
);
const sample = sampled(answers, 24);
const unsure = sample.filter(({ sure }) => !sure);

/** A model that is always right. */
function right({ user }: ModelRequest) {
  const label = sample.find(({ item }) => user.includes(item.content))?.item.label ?? "simple";
  return {
    json: { type: label, confidence: 0.9, reason: "The test says so.", standalone_question: "" },
    usage: { input: 1000, output: 20 },
  };
}

describe("a run of the router on a model", () => {
  it("asks about what the local stage is not sure of, and reports accuracy, cost and latency", async () => {
    model.answer(right);
    const calls: number[] = [];
    const report = await measureWithModel(sample, settings, (made) => calls.push(made));
    expect(model.requests).toHaveLength(unsure.length);
    expect(calls.at(-1)).toBe(unsure.length);
    expect(report).toMatch(/^whole router +24 +\d\.\d{3} \d\.\d{3}–\d\.\d{3} +\d\.\d{3} \d\.\d{3}–\d\.\d{3}$/m);
    expect(report).toMatch(/^ {2}real +12 /m);
    expect(report).toMatch(new RegExp(`^decided locally +${sample.length - unsure.length} `, "m"));
    expect(report).toMatch(new RegExp(`^decided by the model +${unsure.length} +1\\.000 `, "m"));
    expect(report).toContain(`model asked: ${unsure.length}; none failed`);
    expect(report).toMatch(/^latency: p50 \d+\.\d\d s, p95 \d+\.\d\d s/m);
    expect(report).toContain(`cost: $${(unsure.length * 0.0012).toFixed(5)}, $0.001200 per question`);
  });

  it("counts failures, whose messages the local stage decides, and says if there is no price", async () => {
    model.answer(right);
    model.next(faults.unauthorized, faults.unauthorized);
    const report = await measureWithModel(sample, { ...settings, MODEL_PRICES: [] }, () => {});
    expect(report).toContain(
      `model asked: ${unsure.length}; 2 failed (2 × model_unavailable), the local guess counted`,
    );
    expect(report).toMatch(new RegExp(`^decided by the model +${unsure.length - 2} `, "m"));
    expect(report).toContain("cost: unknown, there is no price for test-model; set MODEL_PRICES");
  });
});

it("a sample is fixed, and half of it is real", () => {
  const kinds = (size: number) => Map.groupBy(sampled(answers, size), ({ group }) => group.kind);
  expect([...kinds(40)].map(([kind, all]) => [kind, all.length])).toEqual([
    ["real", 20],
    ["openers", 10],
    ["mid-session", 10],
  ]);
  expect(sampled(answers, 40)).toEqual(sampled(answers, 40));
  expect(sampled(answers, 80)).toEqual(expect.arrayContaining(sampled(answers, 40)));
});

it.each(
  some<[string[], RegExp, number]>([
    [["--model"], /no model to measure.*Set OPENAI_API_KEY, OPENAI_BASE_URL or MODEL/, 1],
    [["--model", "--limit", "few"], /--limit: expected a whole number, got few/, 2],
  ]),
)("router:eval %j without settings says what is wrong", async (words, message, expected) => {
  const options = { env: inherited() };
  const { code, err } = await new Promise<{ code: number; err: string }>((resolve) => {
    execFile(process.execPath, ["evals/routing/evaluate.ts", ...words], options, (error, _out, err) =>
      resolve({ code: Number(error?.code ?? 0), err }),
    );
  });
  expect(err).toMatch(message);
  expect(code).toBe(expected);
});
