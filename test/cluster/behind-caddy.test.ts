import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { startProxy } from "../deploy/support/proxies.ts";
import { seed } from "../reliability/support.ts";
import { seeded } from "../support/tcp-proxy.ts";
import { answers } from "./support/answers.ts";
import { type Cluster, cluster } from "./support/cluster.ts";
import { broken } from "./support/proof.ts";
import { talk } from "./support/talk.ts";

/** Caddy asks the servers every second, and waits for two for an answer. */
const noticedMs = 3_000;

const env = { TRUSTED_PROXIES: "loopback", DRAIN_TIMEOUT_MS: "20000" };

it("a rolling restart of both servers behind Caddy interrupts no answer, and no client loses or doubles a word", {
  timeout: 90_000,
}, async () => {
  await using nodes = await cluster({ nodes: 2, env });
  await using proxy = await startProxy("caddy before two", ...nodes.nodes.map(({ port }) => port));
  const told = answers(nodes.model, { words: 40, everyMs: 40, stepMs: 50 });
  const restarting = restarted(nodes);
  const asking = statuses(`http://127.0.0.1:${proxy.port}/healthz`, restarting);
  const url = `ws://127.0.0.1:${proxy.port}/socket`;
  const shared = { url, random: seeded(seed), turns: 2, until: restarting };
  const talks = await Promise.all(
    ["simple", "simple", "simple", "complex"].map((engine, n) =>
      talk({ ...shared, id: `caddy-${n}`, engine, kinds: ["cursor", "plain"] }),
    ),
  );
  const exits = await restarting;
  for (const { members } of talks) for (const member of members) await member.close();

  expect(exits).toEqual([0, 0]);
  expect(broken(talks, told)).toEqual([]);
  const names = talks.slice(0, 3).flatMap(({ asked }) => asked.map(({ name }) => name)); // the engine of one request
  expect(names.filter((name) => told.said(name).length !== 1)).toEqual([]);
  expect(talks.flatMap(({ members }) => members).every(({ joins }) => joins.length > 1)).toBe(true);
  expect(new Set(await asking)).toEqual(new Set([200]));
});

/** Restarts one server after the other, as a deployment does. Resolves to their exit codes. */
async function restarted({ nodes }: Cluster): Promise<unknown[]> {
  const codes: unknown[] = [];
  for (const node of nodes) {
    await sleep(noticedMs);
    const [code] = await node.term();
    codes.push(code);
    await node.start();
  }
  await sleep(noticedMs);
  return codes;
}

/** What a client that asks all the time is answered. */
async function statuses(url: string, until: Promise<unknown>): Promise<number[]> {
  const seen: number[] = [];
  let isOver = false;
  void until.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const response = await fetch(url, { headers: { connection: "close" } });
    await response.body?.cancel();
    seen.push(response.status);
    await sleep(50);
  }
  return seen;
}
