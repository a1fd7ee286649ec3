import { afterAll, describe, expect, it } from "vitest";

import { answerText, type Client, type Conversation, connect } from "../support/client.ts";
import { size } from "../support/size.ts";
import { start } from "../support/start.ts";
import { type Fault, seeded, tcpProxy } from "../support/tcp-proxy.ts";
import { deltasOf, figures, insist, joinWithCursor, seed, simple, unlimited } from "./support.ts";

const clients = 12;
const turnsEach = size(2, 17);
const timeout = size(60_000, 300_000);

const server = await start(unlimited);
server.model.answer(({ user }) => ({ chunks: chunksFor(user), chunkDelayMs: 6 }));
afterAll(() => server.close());

/** Forty pieces of a few UTF-16 units, which never split a surrogate pair. */
function chunksFor(question: string): string[] {
  const words = ["eins", " zwei", "\n", " 世界", "👩‍🚀", "é", ' "quoted"', " \\", "\u0007", " naïve"];
  return Array.from(
    { length: 40 },
    (_, index) => words[(index * 7 + question.length) % 10] + (index % 5 ? "" : question),
  );
}

interface Ended {
  conversation: Conversation;
  turnId: string;
  question: string;
}

type Join = (client: Client, id: string) => Promise<Conversation>;

/** A client on its own failing network, with one turn after another; each is watched to its end. */
async function talk(name: string, random: () => number, join: Join) {
  await using proxy = await tcpProxy(server.http);
  await using client = await connect(`${proxy.url.replace("http", "ws")}socket`, {
    apiKey: "key-a",
    socketOptions: { heartbeatIntervalMs: 150 },
  });
  const conversation = await join(client, name);
  const faults = proxy.faults({ random, kinds: ["cut", "cut", "cut", "stall", "stall", "delay", "halfOpen"] });
  const ended: Ended[] = [];
  for (let turn = 1; turn <= turnsEach; turn += 1) {
    const question = `${name}, turn ${turn}`;
    const { turn_id: turnId } = await insist(conversation, "message", { content: question, id: `m${turn}`, ...simple });
    await conversation.turn(turnId, 20_000).catch(() => {}); // counted as lost
    ended.push({ conversation, turnId, question });
  }
  const counts = await faults.stop();
  const history = await insist(conversation, "get_history", {}); // all pending events arrive before its reply
  return { ended, counts, history, joins: conversation.joins.length };
}

async function talks(kind: string, seedOfKind: number, join: Join) {
  const numbers = Array.from({ length: clients }, (_, index) => index + 1);
  const all = await Promise.all(numbers.map((n) => talk(`${kind}-${n}`, seeded(seedOfKind + n), join)));
  const faults: Record<Fault, number> = { cut: 0, stall: 0, halfOpen: 0, delay: 0 };
  for (const { counts } of all) {
    for (const name of Object.keys(faults) as Fault[]) faults[name] += counts[name];
  }
  const turns = all.flatMap(({ ended }) => ended);
  const rejoins = all.reduce((sum, { joins }) => sum + joins - 1, 0);
  const { lost, doubled } = ends(turns);
  figures(`${kind} clients`, { seed, turns: turns.length, lost, doubled, rejoins, ...faults });
  expect(rejoins).toBeGreaterThan(clients);
  expect(lost).toBe(0);
  return { all, turns, doubled };
}

/** How many terminal events were lost, and how many were duplicates. */
function ends(turns: Ended[]) {
  const counts = turns.map(({ conversation, turnId }) => conversation.terminals(turnId).length);
  return {
    lost: counts.filter((count) => count === 0).length,
    doubled: counts.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
  };
}

/** Whether an event belongs to the catch-up after a rejoin, which ends with `presence_state`. */
function cameByResume({ events }: Conversation, end: Conversation["events"][number] | undefined): boolean {
  const later = end ? events.slice(events.indexOf(end) + 1) : [];
  return later.find(({ event }) => event !== "response")?.event === "presence_state";
}

describe("on a network that is cut, stalled, delayed and half-open at random", () => {
  it("a client with a cursor misses no text and no terminal event, and gets none twice", { timeout }, async () => {
    const { all, turns, doubled } = await talks("cursor", seed, joinWithCursor);
    expect(doubled).toBe(0);
    let endedAway = 0;
    for (const { conversation, turnId, question } of turns) {
      const [end] = conversation.terminals(turnId);
      const text = chunksFor(question).join("");
      expect(end).toMatchObject({ event: "response", payload: { query: question, response: text } });
      const shown = answerText(deltasOf(conversation, turnId));
      if (shown === text) continue;
      // It ended while the client was away, so the resume sends only its response.
      expect({ shown, byResume: text.startsWith(shown) && cameByResume(conversation, end) }).toMatchObject({
        byResume: true,
      });
      endedAway += 1;
    }
    figures("cursor clients", { endedWhileAway: endedAway });
    for (const { history, ended } of all) {
      expect(history.turns.map(({ turn_id }) => turn_id)).toEqual(ended.map(({ turnId }) => turnId));
    }
  });

  it("a client without a cursor misses no terminal event, and repeats are marked", { timeout }, async () => {
    const { turns } = await talks("plain", seed + 1000, (client, id) => client.join(id));
    for (const { conversation, turnId, question } of turns) {
      const [first, ...again] = conversation.terminals(turnId);
      expect(first?.payload).toMatchObject({ query: question, response: chunksFor(question).join("") });
      for (const { payload } of again) expect(payload.metadata.redelivered).toBe(true);
    }
  });
});
