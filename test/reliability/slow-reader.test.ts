import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

import { answerText } from "../support/client.ts";
import { huge, startModelServer } from "../support/model-server.ts";
import { type FrameV2, rawClient } from "../support/raw-client.ts";
import { watchedServer } from "./process.ts";
import { figures, loopLag, percentile, simple, unlimited } from "./support.ts";

const size = 1024 * 1024;
const answers = 10;
const numbers = Array.from({ length: answers }, (_, index) => index + 1);
const text = (huge(size).chunks ?? []).join("");

const folder = mkdtempSync(join(tmpdir(), "slow-reader-"));
const model = await startModelServer();
model.answer(({ user }) =>
  user === "drip" ? { chunks: Array<string>(60).fill("drop "), chunkDelayMs: 20 } : { ...huge(size), chunkDelayMs: 10 },
);
afterAll(async () => {
  await model.close();
  rmSync(folder, { recursive: true, force: true });
});

type RawClient = Awaited<ReturnType<typeof rawClient<FrameV2>>>;

const isReply = (ref: string) => (frame: FrameV2) => frame[1] === ref && frame[3] === "phx_reply";
const ofTopic = ({ frames }: RawClient, n: number, name: string) =>
  frames.filter(([, , topic, event]) => topic === `conversation:${n}` && event === name);

/** Ten answers of 1 MiB over one socket, to a client that reads or to one that stops, beside one that drips. */
async function tenAnswers(reads: boolean) {
  await using server = await watchedServer({
    ...unlimited,
    OPENAI_BASE_URL: model.url,
    DATABASE_URL: `sqlite:${folder}/${reads}.db`,
    MODEL: "m",
  });
  await using other = await server.connect();
  const dripping = await other.join("other");
  await dripping.ask("warm up: one whole answer", simple);
  await using client = await rawClient(server.http, { params: { api_key: "key-a" } });
  for (const n of numbers) {
    client.send([`${n}`, `j${n}`, `conversation:${n}`, "phx_join", {}]);
    await client.next(isReply(`j${n}`));
  }
  await loopLag(server.http);
  const before = server.memory();
  const asked = model.requests.length;
  for (const n of numbers) {
    client.send([`${n}`, `m${n}`, `conversation:${n}`, "message", { content: `big ${n}`, ...simple }]);
    await client.next(isReply(`m${n}`));
  }
  if (!reads) client.socket.pause();
  const drip = await dripping.ask("drip", simple);
  await model.waitForRequest(asked + answers + 1);
  await Promise.all(model.requests.slice(asked).map(({ closed }) => closed));
  await dripping.ask("another 1 MiB, behind all of them", simple);
  const after = server.memory();
  const lag = await loopLag(server.http);
  const readMB = client.frames.reduce((sum, frame) => sum + JSON.stringify(frame).length, 0) / size;

  client.socket.resume();
  const closed = client.waitClose(20_000);
  closed.catch(() => {});
  const close = await Promise.race([closed, allEnded(client)]);
  const at = drip.events.filter(({ event }) => event === "response_delta").map((one) => one.at);
  return {
    client,
    close,
    drip,
    gaps: at.slice(1).map((time, index) => time - (at[index] ?? 0)),
    lag,
    readMB,
    growth: after.rss - before.rss,
    peakGrowth: after.peak - before.rss,
  };
}

/** Resolves when every answer has come to its end. */
function allEnded(client: RawClient): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const look = () => {
    if (numbers.every((n) => ofTopic(client, n, "response").length > 0)) resolve(undefined);
  };
  client.socket.on("message", look);
  look();
  return promise;
}

it("a client that stops reading costs its own socket's buffer, and nobody else", { timeout: 40_000 }, async () => {
  const reading = await tenAnswers(true);
  const slow = await tenAnswers(false);
  const rounded = ({ growth, peakGrowth, readMB, gaps, lag, close }: typeof slow) => ({
    readMB: Math.round(readMB),
    growthMB: Math.round(growth),
    peakGrowthMB: Math.round(peakGrowth),
    otherGapP50: percentile(gaps, 50),
    otherGapP99: percentile(gaps, 99),
    loopLag: lag,
    close,
  });
  figures("ten answers of 1 MiB", { reading: rounded(reading), slow: rounded(slow) });

  for (const { drip } of [reading, slow]) expect(drip.text).toBe("drop ".repeat(60));
  expect(slow.drip.deltas.length).toBeGreaterThan(30);
  expect(slow.readMB).toBeLessThan(1);
  expect(reading.close).toBeUndefined();
  for (const { client, close } of [reading, slow]) {
    if (close) {
      expect(close.reason).not.toBe("");
      continue;
    }
    for (const n of numbers) {
      expect(answerText(ofTopic(client, n, "response_delta").map(({ 4: delta }) => Object(delta))) === text).toBe(true);
      expect(ofTopic(client, n, "response").map(({ 4: body }) => Object(body).response === text)).toEqual([true]);
    }
  }
  expect(slow.growth - reading.growth).toBeLessThan(20);
});
