import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

import { type Conversation, connect } from "../support/client.ts";
import { type Gate, gate } from "../support/gate.ts";
import { startModelServer } from "../support/model-server.ts";
import { spawnServer } from "../support/spawned.ts";
import { tcpProxy } from "../support/tcp-proxy.ts";
import { figures, joinWithCursor, loopLag, percentile, simple, unlimited } from "./support.ts";

const herd = 1000;
const patienceMs = 60_000;
const text = "one two three four";

/** Joins, asks, and waits for the first two words. */
async function onRunningTurn(url: string, n: number) {
  const client = await connect(url, { apiKey: "key-a", timeoutMs: patienceMs });
  const conversation = n % 2 ? await joinWithCursor(client, `herd-${n}`) : await client.join(`herd-${n}`);
  const { response } = await conversation.push("message", { content: `herd ${n}`, ...simple });
  await conversation.next("response_delta", ({ offset, text }) => offset + text.length >= 7, patienceMs);
  await conversation.next("presence_state", () => true, patienceMs);
  return { n, client, conversation, turnId: response.turn_id };
}

/** Resolves to the time when the client has rejoined by itself. Each join ends with `presence_state`. */
async function rejoined(conversation: Conversation): Promise<number> {
  await conversation.next("presence_state", () => true, patienceMs);
  return performance.now();
}

it("clients that are all disconnected at once in mid-turn reconnect, and none misses its terminal event", {
  timeout: 300_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "herd-"));
  await using model = await startModelServer();
  const doors = new Map<string, Gate>();
  model.answer(({ user }) => {
    const door = gate();
    door.release(2);
    doors.set(user, door);
    return { text, gate: door };
  });
  await using server = await spawnServer({
    ...unlimited,
    OPENAI_BASE_URL: model.url,
    DATABASE_URL: `sqlite:${folder}/test.db`,
    MODEL: "m",
    TURN_TIMEOUT_MS: "120000",
    MODEL_TIMEOUT_MS: "120000",
  });
  await using proxy = await tcpProxy(server.http);
  const url = `${proxy.url.replace("http", "ws")}socket`;
  const all: Awaited<ReturnType<typeof onRunningTurn>>[] = [];
  for (let n = 0; n < herd; n += 50) {
    const some = Array.from({ length: Math.min(50, herd - n) }, (_, index) => onRunningTurn(url, n + index));
    all.push(...(await Promise.all(some)));
  }
  await loopLag(server.http); // reading starts a new measurement

  const back = all.map(({ conversation }) => rejoined(conversation));
  const cutAt = performance.now();
  proxy.cut();
  for (const { n } of all) if (n % 4 < 2) doors.get(`herd ${n}`)?.open(); // these end while their clients are away
  const backMs = (await Promise.all(back)).map((at) => at - cutAt);
  const lag = await loopLag(server.http);
  for (const door of doors.values()) door.open();
  const ends = await Promise.allSettled(all.map(({ conversation, turnId }) => conversation.turn(turnId, patienceMs)));
  await Promise.all(all.map(({ conversation }) => conversation.push("typing", { typing: false })));

  const lost = ends.filter(({ status }) => status === "rejected").length;
  const told = all.reduce((sum, { conversation, turnId }) => sum + conversation.terminals(turnId).length, 0);
  const times = { p50: percentile(backMs, 50), p99: percentile(backMs, 99), all: percentile(backMs, 100) };
  figures("herd", { clients: herd, lost, doubled: told + lost - herd, rejoinMs: times, loopLag: lag });
  expect(lost).toBe(0);
  for (const { n, conversation, turnId } of all) {
    const [first, ...again] = conversation.terminals(turnId);
    expect(first?.payload.response).toBe(text);
    if (n % 2) expect(again).toEqual([]);
    for (const { payload } of again) expect(payload.metadata.redelivered).toBe(true);
  }
  await Promise.all(all.map(({ client }) => client.close()));
  rmSync(folder, { recursive: true, force: true });
});
