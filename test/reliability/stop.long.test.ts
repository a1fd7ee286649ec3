import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";

import type { Client, Conversation } from "../support/client.ts";
import { historyFlaws, isText, smartReply } from "../support/model-server.ts";
import { start } from "../support/start.ts";
import { seeded } from "../support/tcp-proxy.ts";
import { figures, percentile, seed, simple, unlimited } from "./support.ts";

const stops = 100;
const server = await start(unlimited);
afterAll(() => server.close());

const words = Array.from({ length: 40 }, (_, index) => ` w${index}`);
const random = seeded(seed);

/** A text reply takes about 300 ms and JSON about 60 ms, so that a stop arrives at the intended moment. */
server.model.answer((request) => {
  if (request.user.startsWith("next")) return undefined;
  const slow = { firstDelayMs: 40, chunkDelayMs: 7 };
  return isText(request) ? { chunks: words, ...slow } : { ...smartReply(request), headersDelayMs: 60 };
});

interface Moment {
  engine?: string;
  /** Another turn runs before the one that is stopped. */
  isQueued?: boolean;
  comes(conversation: Conversation, turnId: string): Promise<unknown>;
}

const within = (ms: number) => sleep(random() * ms);

function stage(name: string, ms: number, step?: string): Moment["comes"] {
  return async (conversation, turnId) => {
    await conversation.next("thinking", (seen) => {
      return seen.turn_id === turnId && seen.stage === name && (!step || seen.step === step);
    });
    await within(ms);
  };
}

const moments: Record<string, Moment> = {
  "in the queue": { engine: "simple", isQueued: true, comes: () => within(200) },
  "while it is routed": { comes: stage("accepted", 60) },
  "in a structured step": { engine: "problem_solving", comes: stage("step_started", 60) },
  "in a text step": { engine: "complex", comes: stage("step_started", 200, "reason 1") },
  "before the first token": { engine: "multi_step", comes: stage("answering", 40) },
  "in the answer": {
    engine: "analysis",
    async comes(conversation, turnId) {
      await conversation.next("response_delta", ({ turn_id }) => turn_id === turnId);
      await within(200);
    },
  },
  "at random": { engine: "generation", comes: () => within(600) },
};

/** Sends a message that one of the devices stops, then another message, and then stops the first one too late. */
async function stopOnce(devices: [Conversation, Conversation], n: number, { engine, isQueued, comes }: Moment) {
  const [conversation, other] = devices;
  const ahead = isQueued ? conversation.ask(`ahead of ${n}`, simple) : undefined;
  const content = `stop ${n}`;
  const asked = await conversation.push("message", { content, options: { engine } });
  const { turn_id } = asked.response;
  await comes(conversation, turn_id);
  const isElsewhere = random() < 0.5;
  const stoppedAt = performance.now();
  const { stopped } = (await (isElsewhere ? other : conversation).push("stop", { turn_id })).response;
  const repliedAt = performance.now();
  const asking = conversation.ask(`next ${n}`, simple);
  const late = await other.push("stop", { turn_id });
  const [end, seenElsewhere] = await Promise.all([conversation.turn(turn_id), other.turn(turn_id)]);
  const next = await asking;
  const tooLate = await conversation.push("stop", { turn_id });

  expect([late, tooLate].map(({ response }) => response.stopped)).toEqual([false, false]);
  expect(end.terminal.payload.response).toBe(end.text);
  expect(end.terminal.payload.metadata.stopped ?? false).toBe(stopped);
  expect(seenElsewhere.terminal).toEqual(end.terminal);
  expect(conversation.terminals(turn_id)).toHaveLength(1);
  if (ahead) expect(await unharmed(ahead)).toBe(words.join(""));
  expect(await unharmed(next)).toBe(`Answer to: next ${n}`);
  const nextRequest = await server.model.waitForRequest(({ user }) => user === `next ${n}`);
  expect(historyFlaws(nextRequest)).toEqual([]);

  const requests = server.model.requests.filter(({ user }) => user === content);
  expect(requests.filter(({ at }) => at > repliedAt + 250)).toHaveLength(0);
  await Promise.all(requests.map(({ closed }) => closed));
  const cut = requests.flatMap(({ closedByClientAt }) => closedByClientAt ?? []);
  return { stopped, isElsewhere, isEmpty: end.text === "", cutMs: cut.map((at) => at - stoppedAt) };
}

/** Expects the full answer of a turn that was not to be stopped. */
async function unharmed(asked: Awaited<ReturnType<Conversation["ask"]>> | ReturnType<Conversation["ask"]>) {
  const { terminal } = await asked;
  expect(terminal.payload.metadata).not.toHaveProperty("stopped");
  return terminal.payload.response;
}

/** Runs all stops of one moment, one after another in their own conversation. */
async function stopsAt(name: string, moment: Moment, [client, otherClient]: [Client, Client]) {
  const id = `stops ${name}`.replaceAll(" ", "-");
  const devices: [Conversation, Conversation] = [await client.join(id), await otherClient.join(id)];
  await devices[0].ask("next to none", { options: { engine: moment.engine } }); // warm-up, so that no measurement is the first
  const places = Object.keys(moments);
  const outcomes = [];
  for (let n = places.indexOf(name); n < stops; n += places.length) outcomes.push(await stopOnce(devices, n, moment));
  const { turns } = (await devices[0].push("get_history", { limit: 200 })).response;
  expect(turns).toHaveLength(1 + (moment.isQueued ? 3 : 2) * outcomes.length);
  return { name, outcomes };
}

it("a stop at any moment, from any device, closes the model's connection and affects no other turn", {
  timeout: 40_000,
}, async () => {
  await using client = await server.connect();
  await using other = await server.connect();
  const runs = Object.entries(moments).map(([name, moment]) => stopsAt(name, moment, [client, other]));
  const byMoment = await Promise.all(runs);
  const all = byMoment.flatMap(({ outcomes }) => outcomes);
  const cutMs = all.flatMap((outcome) => outcome.cutMs);
  const inTime = byMoment.map(
    ({ name, outcomes }) => [name, outcomes.filter(({ stopped }) => stopped).length] as const,
  );
  figures("stops", {
    seed,
    stops: all.length,
    inTime: Object.fromEntries(inTime),
    fromTheOtherDevice: all.filter(({ isElsewhere }) => isElsewhere).length,
    beforeAnyText: all.filter(({ isEmpty }) => isEmpty).length,
    requestsCut: cutMs.length,
    p50: percentile(cutMs, 50),
    p99: percentile(cutMs, 99),
  });
  for (const [name, count] of inTime) expect({ name, isMet: count > 0 }).toEqual({ name, isMet: true });
  expect(cutMs.length).toBeGreaterThan(stops / 2);
  expect(percentile(cutMs, 99)).toBeLessThanOrEqual(250);
});
