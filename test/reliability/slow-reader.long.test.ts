import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

import { answerText } from "../support/client.ts";
import { huge, startModelServer } from "../support/model-server.ts";
import { type FrameV2, rawClient } from "../support/raw-client.ts";
import { watchedServer } from "./process.ts";
import { figures, largestBacklog, loopLag, percentile, simple, unlimited } from "./support.ts";

const size = 1024 * 1024;
const answers = 10;
const numbers = Array.from({ length: answers }, (_, index) => index + 1);
const text = (huge(size).chunks ?? []).join("");
/** Small events that another client gets meanwhile, and their interval in ms. */
const drops = 150;
const dropMs = 10;

const folder = mkdtempSync(join(tmpdir(), "slow-reader-"));
const model = await startModelServer();
model.answer(({ user }) =>
  user === "drip"
    ? { chunks: Array<string>(drops).fill("drop "), chunkDelayMs: dropMs }
    : { ...huge(size), chunkDelayMs: 10 },
);
afterAll(async () => {
  await model.close();
  rmSync(folder, { recursive: true, force: true });
});

type Server = Awaited<ReturnType<typeof watchedServer>>;
type RawClient = Awaited<ReturnType<typeof rawClient<FrameV2>>>;

const isReply = (ref: string) => (frame: FrameV2) => frame[1] === ref && frame[3] === "phx_reply";

/** Sends ten answers of 1 MiB to a client that reads, or to one that stops reading, while another client gets small events. */
async function tenAnswers(server: Server, name: string, reads: boolean) {
  await using other = await server.connect();
  const dripping = await other.join(`other-${name}`);
  await using client = await rawClient(server.http, { params: { api_key: "key-a" } });
  const topic = (n: number) => `conversation:${name}-${n}`;
  for (const n of numbers) {
    client.send([`${n}`, `j${n}`, topic(n), "phx_join", {}]);
    await client.next(isReply(`j${n}`));
  }
  await loopLag(server.http);
  const before = server.memory();
  const asked = model.requests.length;
  for (const n of numbers) {
    client.send([`${n}`, `m${n}`, topic(n), "message", { content: `big ${n}`, ...simple }]);
    await client.next(isReply(`m${n}`));
  }
  if (!reads) client.socket.pause();
  const drip = await dripping.ask("drip", simple);
  await model.waitForRequest(asked + answers + 1);
  await Promise.all(model.requests.slice(asked).map(({ closed }) => closed));
  await dripping.ask("another 1 MiB, behind all of them", simple);
  const measured = {
    readMB: client.frames.reduce((sum, frame) => sum + JSON.stringify(frame).length, 0) / size,
    growthMB: server.memory().rss - before.rss,
    otherGapP50: percentile(gapsOf(drip.events), 50),
    otherGapP99: percentile(gapsOf(drip.events), 99),
    loopLag: await loopLag(server.http),
    backlog: await largestBacklog(server.http),
  };
  client.socket.resume();
  await allEnded(client, topic);
  for (const n of numbers) {
    const own = client.frames.filter(({ 2: at }) => at === topic(n)).map(({ 3: event, 4: body }) => ({ event, body }));
    const deltas = own.filter(({ event }) => event === "response_delta").map(({ body }) => Object(body));
    expect(answerText(deltas) === text).toBe(true);
    const ends = own.filter(({ event }) => event === "response").map(({ body }) => Object(body).response === text);
    expect(ends).toEqual([true]);
  }
  return { drip, ...measured };
}

function gapsOf(events: { event: string; at: number }[]): number[] {
  const at = events.filter(({ event }) => event === "response_delta").map((one) => one.at);
  return at.slice(1).map((time, index) => time - (at[index] ?? 0));
}

/** Resolves when all answers have ended. */
async function allEnded({ frames, socket }: RawClient, topic: (n: number) => string): Promise<void> {
  const hasEnded = (n: number) => frames.some(({ 2: at, 3: event }) => at === topic(n) && event === "response");
  while (!numbers.every(hasEnded)) await once(socket, "message");
}

it("a client that stops reading costs no more than its socket's buffer, and slows down nobody else", {
  timeout: 60_000,
}, async () => {
  await using server = await watchedServer({
    ...unlimited,
    OPENAI_BASE_URL: model.url,
    DATABASE_URL: `sqlite:${folder}/${crypto.randomUUID()}.db`,
    MODEL: "m",
  });
  const cold = await tenAnswers(server, "cold", true);
  const reading = await tenAnswers(server, "reading", true);
  const slow = await tenAnswers(server, "slow", false);
  const again = await tenAnswers(server, "again", false);
  const shown = ({ drip: _drip, ...measured }: typeof slow) => measured;
  figures("ten answers of 1 MiB", {
    cold: shown(cold),
    reading: shown(reading),
    slow: shown(slow),
    again: shown(again),
  });

  for (const { drip } of [cold, reading, slow, again]) expect(drip.text).toBe("drop ".repeat(drops));
  expect(slow.readMB).toBeLessThan(4); // what was in transit before it stopped
  expect(slow.backlog).toBeGreaterThan(0);
  expect(slow.backlog).toBeLessThanOrEqual(size);
  // Uncollected garbage may show in one of them; memory held for a client would show in both. The ten answers are 10 MiB, and as
  // much again on their way to the database.
  expect(Math.min(slow.growthMB, again.growthMB)).toBeLessThan(32);
  expect(slow.drip.deltas.length).toBeGreaterThan(drops / 2);
});
