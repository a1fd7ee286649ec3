import { afterAll, describe, expect, it, vi } from "vitest";

import { type Failure, failures } from "../support/model-failures.ts";
import { huge, type ModelRequest, type Reply } from "../support/model-server.ts";
import { faultyTurns } from "../support/model-turns.ts";

vi.setConfig({ maxConcurrency: 25 }); // these tests mostly wait

const silenceMs = 3000;
const patient = await faultyTurns({});
const hasty = await faultyTurns({ MODEL_TIMEOUT_MS: String(silenceMs) });
afterAll(() => Promise.all([patient.close(), hasty.close()]));

/** Time for two retries with backoff of up to 1.25 s, or for one silence. */
const limits = {
  "at once": {},
  "after retries": { mostMs: 2 * 1250 },
  "after silence": { leastMs: silenceMs, mostMs: silenceMs },
};

/** A step is asked for in other ways too: three with retries, or two with silence. */
const stepLimits: Record<Failure["givenUp"], { leastMs?: number; mostMs?: number }> = {
  "at once": {},
  "after retries": { mostMs: 5 * 1250 },
  "after silence": { leastMs: silenceMs, mostMs: 2 * silenceMs },
};

/** A short silence limit is used only for models that fall silent. On a busy machine, others could exceed it too. */
const serverFor = ({ givenUp }: Pick<Failure, "givenUp">) => (givenUp === "after silence" ? hasty : patient);

/** In any form, because what one turn learns about the server's dialect applies to the next one too. */
const asksForJson = ({ schema }: ModelRequest) => schema !== undefined;

describe("a failing model's answer", () => {
  it.concurrent.each(failures)(
    "a model that $name ends the turn as $code, and keeps the text that was shown",
    async (failure) => {
      const { turn, event, payload, status } = await serverFor(failure).ask({
        script: failure.reply,
        ...limits[failure.givenUp],
      });
      const code = payload.details?.code;
      expect({ event, code, status }).toEqual({ event: "error", code: failure.code, status: "failed" });
      expect(payload).toMatchObject({ turn_id: turn.turnId, message: expect.stringMatching(/./) });
    },
  );
});

const invalid = (jsonText: string) => () => ({ jsonText });
const hiddenFailures: Omit<Failure, "code">[] = [
  ...failures,
  { name: "gives half of its JSON", givenUp: "at once", reply: invalid('{"points":["a"') },
  { name: "gives JSON of another shape", givenUp: "at once", reply: invalid('{"points":"a","type":7}') },
  { name: "gives ten megabytes", givenUp: "at once", reply: huge },
];

describe("a failing model's step", () => {
  it.concurrent.each(hiddenFailures)(
    "a model that $name in a structured step costs only its findings",
    async (failure) => {
      const { turn, payload, status } = await serverFor(failure).ask({
        script: (request) => (asksForJson(request) ? failure.reply() : undefined),
        payload: { options: { engine: "analysis" } },
        ...stepLimits[failure.givenUp],
      });
      expect({ status, type: payload.conversation_type }).toEqual({ status: "completed", type: "analysis" });
      expect(payload.metadata).not.toHaveProperty("analysis_points");
      expect(turn.thinking.filter(({ step }) => step).map(({ stage, detail }) => [stage, detail])).toEqual([
        ["step_started", undefined],
        ["step_finished", null],
      ]);
    },
  );

  const hiddenTextFailures = hiddenFailures.filter(({ name }) => !name.startsWith("gives"));

  it.concurrent.each(hiddenTextFailures)(
    "a model that $name in a text step costs only that finding",
    async (failure) => {
      const { payload, status } = await serverFor(failure).ask({
        script(request) {
          if (asksForJson(request)) return { json: { questions: ["part one", "part two"] } };
          return request.system.includes("part one") ? failure.reply() : undefined;
        },
        payload: { options: { engine: "complex" } },
        ...stepLimits[failure.givenUp],
      });
      expect({ status, type: payload.conversation_type }).toEqual({ status: "completed", type: "complex" });
      expect(payload.metadata.steps).toEqual([expect.stringMatching(/^part two/)]);
    },
  );

  it.concurrent.each(hiddenFailures)("a model that $name leaves the route to the local classifier", async (failure) => {
    const { payload, status, requests } = await serverFor(failure).ask({
      script: (request) => (asksForJson(request) ? failure.reply() : undefined),
      payload: {},
      ...stepLimits[failure.givenUp],
    });
    expect({ status, type: payload.conversation_type }).toEqual({ status: "completed", type: "simple" });
    expect(requests.some(asksForJson)).toBe(true);
    expect(payload.metadata.routing).toMatchObject({ decided_by: "local", reason: expect.stringMatching(/\w/) });
  });

  const oddities: [string, Reply][] = [
    ["splits its characters", { splitBytes: true }],
    ["sends no [DONE]", { done: "missing" }],
    ["stays connected after [DONE]", { done: "open" }],
    ["stays connected after its finish reason", { done: "silent" }],
    ["sends stray lines", { inject: { after: 1, raw: "\0\n\n<html>\nevent\n:\n\nid 3\n\n" } }],
  ];

  it.concurrent.each(oddities)("a model that %s still gives its findings", async (_name, oddity) => {
    const points = ["Grüße, 世界 👩‍🚀", "naïve café"];
    const { payload, requests } = await patient.ask({
      script: (request) => (asksForJson(request) ? { json: { points, recommendations: [] }, ...oddity } : undefined),
      payload: { options: { engine: "analysis" } },
    });
    expect(payload.metadata.analysis_points).toEqual(points);
    expect(requests).toHaveLength(2);
  });
});
