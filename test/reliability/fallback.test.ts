import { afterAll, describe, expect, it, vi } from "vitest";

import { type Failure, failures } from "../support/model-failures.ts";
import type { ModelRequest, Reply } from "../support/model-server.ts";
import { faultyTurns, type Script } from "../support/model-turns.ts";
import { size } from "../support/size.ts";
import { figures } from "./support.ts";

vi.setConfig({ maxConcurrency: 25 }); // these tests mostly wait

const silenceMs = 3000;
const patient = await faultyTurns({ FALLBACK_MODELS: "second" });
const hasty = await faultyTurns({ MODEL_TIMEOUT_MS: String(silenceMs), FALLBACK_MODELS: "second" });
const firstPieces = Array.from({ length: 20 }, (_, index) => ` first-${index}`);
const secondPieces = Array.from({ length: 20 }, (_, index) => ` second-${index}`);
const restarted = { cut: 0, stall: 0 };
afterAll(async () => {
  figures("fallbacks in mid-stream", restarted);
  await Promise.all([patient.close(), hasty.close()]);
});

const isFirst = ({ model }: ModelRequest) => model === "test-model";
const asksForJson = ({ schema }: ModelRequest) => schema !== undefined;

/** Time for two retries before the first word, or for one silence. */
const mostMs = silenceMs;

/** A short silence limit is used only for models that fall silent. On a busy machine, others could exceed it too. */
const serverFor = ({ givenUp }: Failure) => (givenUp === "after silence" ? hasty : patient);

/** Runs a turn whose first model fails. The answer must come from the fallback, and a restart must discard the first model's text. */
async function taken(reply: () => Reply, { ask }: typeof patient) {
  const script: Script = (request) => (isFirst(request) ? reply() : { chunks: secondPieces });
  const { turn, requests, event, payload, status } = await ask({ script, mostMs });
  const answer = secondPieces.join("");
  expect({ event, status, text: turn.text, response: payload.response }).toEqual({
    event: "response",
    status: "completed",
    text: answer,
    response: answer,
  });
  expect(payload.metadata).toMatchObject({ fallback_model: "second", model_used: "second" });
  expect(payload.metadata).not.toHaveProperty("truncated");
  const restart = turn.deltas.findLastIndex((delta) => delta.restart);
  expect(restart).not.toBe(0);
  const shown = turn.deltas.slice(0, Math.max(restart, 0)).map(({ text }) => text);
  const restarts = turn.deltas.filter((delta) => delta.restart).length;
  return { shown: shown.join(""), restarts, models: requests.map(({ model }) => model) };
}

describe("a fallback model in the middle of an answer", () => {
  const indices = Array.from({ length: size(5, 20) }, (_, index) => index * size(4, 1));

  it.concurrent.each(indices)(
    "a fallback model gives the whole answer after a model that was cut off after %i of 20 chunks",
    async (cutAfter) => {
      const { shown, restarts, models } = await taken(
        () => ({ chunks: firstPieces, chunkDelayMs: 3, cutAfter }),
        patient,
      );
      expect(firstPieces.slice(0, cutAfter).join("").startsWith(shown)).toBe(true);
      expect(restarts).toBe(shown ? 1 : 0);
      if (cutAfter === 0) expect(models).toEqual(["test-model", "test-model", "test-model", "second"]);
      restarted.cut += shown ? 1 : 0;
    },
  );

  it.concurrent.each(indices)(
    "a fallback model gives the whole answer after a model that stalled after %i of 20 chunks",
    async (stallAfter) => {
      const { shown, restarts, models } = await taken(() => ({ chunks: firstPieces, stallAfter }), hasty);
      expect(shown).toBe(firstPieces.slice(0, stallAfter).join(""));
      expect(restarts).toBe(shown ? 1 : 0);
      expect(models).toEqual(["test-model", "second"]);
      restarted.stall += shown ? 1 : 0;
    },
  );

  it.concurrent.each(failures)("a fallback model gives the whole answer after a model that $name", async (failure) => {
    await taken(failure.reply, serverFor(failure));
  });
});

/** A step is asked for in other ways too before the fallback is asked. */
const mostStepMs = 2 * silenceMs;

/** An empty reply to a step is not a failure, so these are left out. */
const stepFailures = failures.filter(({ name }) => !/with (nothing|blanks)/.test(name));

describe("a fallback model in a step", () => {
  it.concurrent.each(stepFailures)("a fallback model takes over the steps of a model that $name", async (failure) => {
    const { ask } = serverFor(failure);
    const script: Script = (request) => (isFirst(request) && asksForJson(request) ? failure.reply() : undefined);
    const step = await ask({ script, payload: { options: { engine: "analysis" } }, mostMs: mostStepMs });
    expect(step.payload.metadata.analysis_points).toEqual(expect.any(Array));
    const route = await ask({ script, payload: {}, mostMs: mostStepMs });
    expect(route.payload.metadata.routing?.decided_by).toBe("model");
    for (const { turn } of [step, route]) expect(turn.deltas.filter(({ restart }) => restart)).toEqual([]);
  });
});
