import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";

import type { Client, Conversation } from "../support/client.ts";
import { isText, type ModelRequest, startModelServer } from "../support/model-server.ts";
import type { HistoryTurn } from "../support/payload.ts";
import { spawnServer } from "../support/spawned.ts";
import { seeded } from "../support/tcp-proxy.ts";
import { figures, percentile, seed, unlimited } from "./support.ts";

const kills = 100;
const engines = ["simple", "complex", "analysis", "generation", "problem_solving", "multi_step"];
const random = seeded(seed);

interface Asked {
  id: string;
  engine: string;
  turnId: string | undefined;
  hasEnded: boolean;
  /** Kills before its end was seen. */
  kills: number;
}

const contentOf = (id: string) => `Question <${id}>?`;
const idIn = ({ user }: ModelRequest) => [...user.matchAll(/<(\d+-\w+)>/g)].at(-1)?.[1];
/** The step that a structured request is for. */
const stepOf = (request: ModelRequest) => JSON.stringify([request.system.slice(0, 200), request.schema]);

/** Sends a message, and sends it again to the next process if there was no reply. Its id makes it one turn. */
async function send(conversation: Conversation, asked: Asked): Promise<void> {
  const options = { engine: asked.engine, when_busy: "queue" };
  const { status, response } = await conversation.push("message", {
    content: contentOf(asked.id),
    id: asked.id,
    options,
  });
  if (status === "ok") asked.turnId ??= response.turn_id;
  if (status === "error" && response.reason !== "busy") throw new Error(JSON.stringify(response));
}

/** Structured steps that were run again although a later step of the same turn had already been run. */
function repeated(requests: ModelRequest[]): string[] {
  const byTurn = Map.groupBy(requests, idIn);
  byTurn.delete(undefined);
  return [...byTurn].flatMap(([id, own]) => {
    const steps = own.map((request) => ({ step: stepOf(request), structured: request.structured }));
    return steps.flatMap(({ step, structured }, index) => {
      const first = steps.findIndex((one) => one.step === step);
      const isPassed = steps.slice(first, index).some((between) => between.step !== step);
      return structured && isPassed ? [`${id}: ${step.slice(0, 120)}`] : [];
    });
  });
}

/** One process: unfinished turns continue, each conversation gets one more turn, and the process is killed. */
async function live(env: Record<string, string>, life: number, asked: Asked[]): Promise<number> {
  const startedAt = performance.now();
  await using server = await spawnServer(env);
  const readyMs = performance.now() - startedAt;
  const client = await server.connect();
  const conversations = new Map<string, Conversation>();
  const sent: Promise<void>[] = [];
  for (const engine of engines) {
    const conversation = await client.join(engine);
    conversations.set(engine, conversation);
    const { response } = await conversation.push("get_history", { limit: 200 });
    const own = asked.filter((one) => one.engine === engine && !one.hasEnded);
    for (const one of own) one.hasEnded = hasEnded(response.turns, one);
    const open = own.filter((one) => !one.hasEnded);
    if (open.length < 2) {
      const one = { id: `${life}-${engine}`, engine, turnId: undefined, hasEnded: false, kills: 0 };
      asked.push(one);
      open.push(one);
    }
    for (const one of open) if (!one.turnId) sent.push(send(conversation, one));
  }
  await sleep(random() * 800);
  await server.end("SIGKILL");
  client.socket.disconnect();
  for (const one of asked) {
    const ends = one.turnId ? conversations.get(one.engine)?.terminals(one.turnId) : [];
    if (ends?.length) one.hasEnded = true;
    if (!one.hasEnded) one.kills += 1;
  }
  return readyMs;
}

function hasEnded(turns: HistoryTurn[], { turnId }: Asked): boolean {
  return turns.some(({ turn_id, status }) => turn_id === turnId && !["queued", "running"].includes(status));
}

it("kill -9 at any moment loses no turn, duplicates none, and repeats no finished step", {
  timeout: 600_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "kills-"));
  await using model = await startModelServer();
  model.answer((request) =>
    isText(request) ? { text: `Answer to ${idIn(request)}: one two three`, chunkDelayMs: 25 } : { headersDelayMs: 60 },
  );
  const env = { OPENAI_BASE_URL: model.url, DATABASE_URL: `sqlite:${folder}/test.db`, MODEL: "m", ...unlimited };
  const asked: Asked[] = [];
  const readyMs: number[] = [];
  for (let life = 1; life <= kills; life += 1) readyMs.push(await live(env, life, asked));

  await using server = await spawnServer(env);
  const startedAt = performance.now();
  await using client = await server.connect();
  const ended = await Promise.all(engines.map((engine) => conclude(client, engine)));
  const recoveredMs = performance.now() - startedAt;
  const failed: Asked[] = [];
  for (const [index, { turns, request }] of ended.entries()) {
    const own = asked.filter(({ engine, turnId }) => engine === engines[index] && turnId);
    const ids = turns.map(({ turn_id }) => turn_id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const one of own) {
      const found = turns.filter(({ turn_id }) => turn_id === one.turnId);
      expect(found).toMatchObject([{ query: contentOf(one.id) }]);
      if (found[0]?.status === "completed") continue;
      expect({ status: found[0]?.status, isDeadly: one.kills >= 3 }).toEqual({ status: "failed", isDeadly: true });
      failed.push(one);
    }
    const [, ...history] = request?.messages ?? [];
    expect(history.map(({ role }) => role)).toEqual(history.map((_, place) => (place % 2 ? "assistant" : "user")));
    const questions = history.filter(({ role }) => role === "user").map(({ content }) => content);
    expect(new Set(questions).size).toBe(questions.length);
  }
  const again = repeated(model.requests);
  figures("kill -9", {
    seed,
    kills,
    turns: asked.length,
    accepted: asked.filter(({ turnId }) => turnId).length,
    killedInMidTurn: asked.filter((one) => one.kills > 0).length,
    interrupted: failed.length,
    modelRequests: model.requests.length,
    withoutTurn: model.requests.filter((request) => !idIn(request)).length,
    askedAgain: again.length,
    readyMs: { p50: percentile(readyMs, 50), max: percentile(readyMs, 100) },
    recoveredMs: Math.round(recoveredMs),
  });
  expect(again).toEqual([]);
  rmSync(folder, { recursive: true, force: true });

  /** Runs one more turn after all others, then checks the history and the messages of its model request. */
  async function conclude(client: Client, engine: string) {
    const conversation = await client.join(engine);
    for (const one of asked) if (one.engine === engine && !one.turnId) await send(conversation, one);
    await conversation.ask(`The end of ${engine}`, { options: { engine: "simple" } }, 20_000);
    const { turns } = (await conversation.push("get_history", { limit: 200 })).response;
    return { turns, request: model.requests.findLast(({ user }) => user === `The end of ${engine}`) };
  }
});
