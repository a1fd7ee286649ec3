import { afterAll, describe, expect, it, vi } from "vitest";

import { faults, huge, type ModelRequest, slowDrip, startModelServer } from "../support/model-server.ts";
import { faultyTurns, type Script } from "../support/model-turns.ts";
import { isLong } from "../support/size.ts";
import { start } from "../support/start.ts";
import { simple } from "./support.ts";

vi.setConfig({ maxConcurrency: 10 }); // these tests mostly wait

const turnMs = 2000;
const hasty = await faultyTurns({ TURN_TIMEOUT_MS: String(turnMs), MODEL_TIMEOUT_MS: "1500" });
const patient = await faultyTurns({});
afterAll(() => Promise.all([hasty.close(), patient.close()]));

const asksForJson = ({ schema }: ModelRequest) => schema !== undefined;
const drip = slowDrip("drip drop ".repeat(20), 50);
const analysis = { options: { engine: "analysis" } };

describe("the time limit of a turn", () => {
  const endless: [string, object, Script][] = [
    ["an answer that drips", simple, () => drip],
    ["an answer of empty pieces", simple, () => ({ chunks: Array<string>(100).fill(""), chunkDelayMs: 50 })],
    ["a structured step that drips", analysis, (request) => (asksForJson(request) ? drip : undefined)],
    ["a route that drips", {}, (request) => (asksForJson(request) ? drip : undefined)],
    ["a wait before a retry", simple, () => ({ ...faults.serverError, headers: { "retry-after-ms": "1400" } })],
    ["one silence after another", analysis, () => faults.hang],
  ];

  it.concurrent.each(endless)("the time limit of a turn ends %s, and its request", async (_name, payload, script) => {
    const asked = { script, payload, leastMs: turnMs, mostMs: turnMs };
    const { requests, endedAt, status, event, payload: end } = await hasty.ask(asked);
    const code = end.details?.code;
    expect({ event, code, status }).toEqual({ event: "error", code: "model_timeout", status: "failed" });
    await Promise.all(requests.map(({ closed }) => closed));
    const late = requests.filter(({ closedByClientAt = 0 }) => closedByClientAt > endedAt + 250);
    if (isLong) expect(late).toEqual([]);
  });

  it.concurrent("the time limit of a turn keeps the text that had arrived in the history", async () => {
    const { turn } = await hasty.ask({ script: () => drip, leastMs: turnMs, mostMs: turnMs });
    expect(turn.text).toMatch(/^drip dr/);
  });
});

describe("an answer over 1 MiB", () => {
  const mebibyte = 2 ** 20;
  const long: [string, Script][] = [
    ["ten of them in pieces", () => huge()],
    ["ten of them in one piece", () => ({ chunks: ["x".repeat(10 * mebibyte)] })],
    ["five of them in characters of four bytes", () => ({ chunks: ["👩".repeat(1.25 * mebibyte)] })],
    ["ten of them in a body without a stream", () => ({ rawBody: bodyOf("x".repeat(10 * mebibyte)) })],
    ["one of them and a byte", () => huge(mebibyte + 1)],
  ];

  it.each(long)("an answer over 1 MiB is cut and marked truncated: %s", async (_name, script) => {
    const { turn, requests, event, payload } = await patient.ask({ script });
    expect(event).toBe("response");
    expect(payload.metadata.truncated).toBe(true);
    expect(payload.response === turn.text).toBe(true);
    expect(turn.text.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(turn.text)).toBeLessThanOrEqual(mebibyte);
    expect(Buffer.byteLength(turn.text)).toBeGreaterThan(0.9 * mebibyte);
    await Promise.all(requests.map(({ closed }) => closed));
  });

  it("an answer of exactly 1 MiB is not cut", async () => {
    const { payload } = await patient.ask({ script: () => huge(mebibyte) });
    expect(payload.response).toHaveLength(mebibyte);
    expect(payload.metadata).not.toHaveProperty("truncated");
  });
});

function bodyOf(content: string): string {
  return JSON.stringify({ choices: [{ message: { role: "assistant", content }, finish_reason: "stop" }] });
}

it("an unreachable model server is model_unavailable, and the next turn works once it is back", async () => {
  const port = 20_000 + Math.floor(Math.random() * 10_000); // below the ephemeral ports
  await using lost = await start({ OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` });
  await using visitor = await lost.connect();
  const conversation = await visitor.join("c");
  const { turnId, terminal } = await conversation.ask("Is it there?", simple);
  expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "model_unavailable" } } });
  expect(JSON.stringify(terminal)).not.toMatch(/127\.0\.0\.1|ECONN|fetch/);
  await using _back = await startModelServer({ port });
  const next = await conversation.ask("And now?", simple);
  expect(next.terminal.payload.response).toBe("Answer to: And now?");
  expect(conversation.terminals(turnId)).toHaveLength(1);
});
