import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";

import type { Conversation } from "../support/client.ts";
import { isText, type ModelRequest } from "../support/model-server.ts";
import { start } from "../support/start.ts";
import { seeded } from "../support/tcp-proxy.ts";
import { figures, percentile, seed, unlimited } from "./support.ts";

const stops = 50;
const server = await start(unlimited);
afterAll(() => server.close());

const words = Array.from({ length: 100 }, (_, index) => ` w${index}`);
const random = seeded(seed);

/** Each request takes about 300 ms, as text or as JSON, so that a stop finds the turn in any of its phases. */
server.model.answer((request) => {
  if (request.user.startsWith("next")) return undefined;
  const slow = { firstDelayMs: 40, chunkDelayMs: 2 };
  return isText(request) ? { chunks: words, ...slow } : { headersDelayMs: 60 };
});

function expectValid(request: ModelRequest | undefined): void {
  const [first, ...rest] = request?.messages.map(({ role }) => role) ?? [];
  expect(first).toBe("system");
  expect(rest).toEqual(rest.map((_, index) => (index % 2 ? "assistant" : "user")));
  expect(request?.messages.every(({ content }) => content !== "" && content !== null)).toBe(true);
}

/** A message that is stopped after so long, the next one behind it, and stops of the first that come too late. */
async function stopOnce(conversation: Conversation, n: number, engine: string) {
  const content = `stop ${n}`;
  const asked = await conversation.push("message", { content, options: { engine } });
  const { turn_id } = asked.response;
  await sleep(random() * 600);
  const before = server.model.requests.filter(({ user }) => user === content);
  const stoppedAt = performance.now();
  const stopped = await conversation.push("stop", { turn_id });
  const next = conversation.ask(`next ${n}`, { options: { engine: "simple" } });
  const late = await conversation.push("stop", { turn_id });
  const { terminal: end, text } = await conversation.turn(turn_id);
  const { terminal } = await next;
  expect((await conversation.push("stop", { turn_id })).response.stopped).toBe(false);

  expect(late.response.stopped).toBe(false);
  expect(end.payload.response).toBe(text);
  expect(end.payload.metadata.stopped ?? false).toBe(stopped.response.stopped);
  expect(conversation.terminals(turn_id)).toHaveLength(1);
  expect(terminal.payload.response).toBe(`Answer to: next ${n}`);
  expect(terminal.payload.metadata).not.toHaveProperty("stopped");
  expectValid(server.model.requests.findLast(({ user }) => user === `next ${n}`));

  const all = server.model.requests.filter(({ user }) => user === content);
  expect(all.filter(({ at }) => at > stoppedAt + 250)).toEqual([]);
  await Promise.all(all.map(({ closed }) => closed));
  const cut = before.flatMap(({ closedByClientAt }) => closedByClientAt ?? []);
  return { stopped: stopped.response.stopped, empty: text === "", cutMs: cut.map((at) => at - stoppedAt) };
}

it("a stop at any moment closes the model's connection, and harms no turn after it", { timeout: 40_000 }, async () => {
  await using client = await server.connect();
  const engines = ["simple", "complex", "analysis", "problem_solving", "generation"];
  const runs = engines.map(async (engine, index) => {
    const conversation = await client.join(`stops-${engine}`);
    const outcomes = [];
    for (let n = index; n < stops; n += engines.length) outcomes.push(await stopOnce(conversation, n, engine));
    const { turns } = (await conversation.push("get_history", { limit: 200 })).response;
    expect(turns).toHaveLength(2 * outcomes.length);
    return outcomes;
  });
  const outcomes = (await Promise.all(runs)).flat();
  const cutMs = outcomes.flatMap((outcome) => outcome.cutMs);
  figures("stops", {
    seed,
    stops: outcomes.length,
    inTime: outcomes.filter(({ stopped }) => stopped).length,
    beforeAnyText: outcomes.filter(({ empty }) => empty).length,
    requestsCut: cutMs.length,
    p50: percentile(cutMs, 50),
    p99: percentile(cutMs, 99),
  });
  expect(cutMs.length).toBeGreaterThan(stops / 2);
  expect(percentile(cutMs, 99)).toBeLessThan(250);
});
