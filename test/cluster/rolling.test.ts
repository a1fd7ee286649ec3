import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";

import { eventsOf, page, shown } from "../client/support.ts";
import { figures, percentile, seed } from "../reliability/support.ts";
import { size } from "../support/size.ts";
import { seeded } from "../support/tcp-proxy.ts";
import { answers, contentOf } from "./support/answers.ts";
import { type Cluster, cluster } from "./support/cluster.ts";
import { broken } from "./support/proof.ts";
import { silences } from "./support/silences.ts";
import { talk } from "./support/talk.ts";

const clients = size(30, 100);
const drainMs = 4000;
const patienceMs = 90_000;

/** A page with the typed client, which asks until the restarts are over. Resolves to what it saw of each turn, and the longest silence. */
async function visit({ front }: Cluster, id: string, until: Promise<unknown>) {
  await using mine = page(front.url, id);
  const seen: { name: string; turnId: string; text: string; response: string }[] = [];
  let isOver = false;
  void until.then(() => {
    isOver = true;
  });
  while (!isOver || seen.length === 0) {
    const name = `${id}.${seen.length}`;
    const turn = mine.conversation.ask(contentOf(name), { options: { engine: "simple" } });
    const events = await eventsOf(turn);
    const end = events.at(-1);
    const response = end?.type === "response" ? end.response : `${end?.type}`;
    seen.push({ name, turnId: (await turn.accepted).turn_id, text: shown(events), response });
  }
  const { turns } = await mine.conversation.push("get_history", { limit: 200 });
  return { id, seen, turns, ends: mine.named("response").map(({ turn_id }) => turn_id) };
}

it("nobody loses or doubles a word, or waits longer than the drain, when all nodes are restarted one after another", {
  timeout: size(180_000, 600_000),
}, async () => {
  const random = seeded(seed);
  await using nodes = await cluster({ env: { DRAIN_TIMEOUT_MS: String(drainMs) } });
  // One in ten takes longer than the drain.
  const told = answers(nodes.model, { words: () => (random() < 0.1 ? 60 : 20), everyMs: 100 });
  const exits: unknown[] = [];
  const drains: number[] = [];
  const restarting = (async () => {
    await sleep(4000); // everybody is there
    for (const node of nodes.nodes) {
      const at = performance.now();
      exits.push(await node.term());
      drains.push(performance.now() - at);
      await node.start();
      await sleep(500);
    }
  })();
  const shared = { url: nodes.front.url, random, turns: 2, until: restarting, engine: "simple", patienceMs };
  const stock = Array.from({ length: Math.ceil(clients / 2) }, (_, n) =>
    talk({ ...shared, id: `stock-${n}`, kinds: [n % 2 ? "cursor" : "plain"] }),
  );
  const typed = Array.from({ length: Math.floor(clients / 2) }, (_, n) => visit(nodes, `typed-${n}`, restarting));
  const talks = await Promise.all(stock);
  const visits = await Promise.all(typed);
  await restarting;

  const waits = silences(talks);
  const accepted = talks.flatMap(({ asked }) => asked.map(({ acceptedMs }) => acceptedMs));
  figures("a rolling restart", {
    seed,
    clients,
    turns: accepted.length + visits.flatMap(({ seen }) => seen).length,
    drainMs: drains.map(Math.round),
    restarted: talks.flatMap(({ asked }) => asked).filter(({ name }) => told.said(name).length > 1).length,
    acceptedMs: { p50: percentile(accepted, 50), p99: percentile(accepted, 99), max: percentile(accepted, 100) },
    silenceMs: { p50: percentile(waits, 50), p99: percentile(waits, 99), max: percentile(waits, 100) },
  });
  expect(exits).toEqual(nodes.nodes.map(() => [0, null]));
  expect(broken(talks, told)).toEqual([]);
  for (const { seen, turns, ends } of visits) {
    for (const { name, text, response } of seen) {
      expect(response).toBe(told.said(name).at(-1));
      expect(text).toBe(response);
    }
    expect(turns.map(({ turn_id }) => turn_id)).toEqual(seen.slice(-200).map(({ turnId }) => turnId));
    expect(ends).toEqual(seen.map(({ turnId }) => turnId));
  }
  expect(Math.max(...waits, ...accepted)).toBeLessThan(drainMs);
  for (const { members } of talks) for (const member of members) await member.close();
});
