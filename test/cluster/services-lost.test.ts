import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, it } from "vitest";

import { figures, percentile, seed } from "../reliability/support.ts";
import { isLong, size } from "../support/size.ts";
import { seeded } from "../support/tcp-proxy.ts";
import { answers } from "./support/answers.ts";
import { type Cluster, cluster } from "./support/cluster.ts";
import { member } from "./support/member.ts";
import { startPostgres } from "./support/postgres.ts";
import { broken } from "./support/proof.ts";
import { silences } from "./support/silences.ts";
import { type Talk, talk } from "./support/talk.ts";

const patienceMs = 60_000;
const engines = ["simple", "complex", "simple", "problem_solving"];

/** Talks on all nodes, with one who looks on from another node, while something happens to a service. */
async function talkDuring(nodes: Cluster, name: string, happening: Promise<unknown>): Promise<Talk[]> {
  const shared = { random: seeded(seed), turns: 2, until: happening, isImpatient: true, patienceMs };
  const begun = engines.map((engine, index) => {
    const url = nodes.node(index % nodes.nodes.length).url;
    const otherUrl = nodes.node((index + 1) % nodes.nodes.length).url;
    return talk({ ...shared, url, otherUrl, engine, id: `${name}-${index}`, kinds: ["cursor", "plain"] });
  });
  return await Promise.all(begun);
}

async function leave(talks: readonly Talk[]): Promise<void> {
  for (const { members } of talks) for (const one of members) await one.close();
}

/** From now until a node takes a write again. */
async function writesBackMs(nodes: Cluster, id: string): Promise<number> {
  const one = await member({ url: nodes.node(0).url, topic: id, kind: "plain", isImpatient: true });
  const at = performance.now();
  for (;;) {
    const { status } = await one.conversation.push("set_context", { context: { at } }, 5000);
    if (status === "ok") break;
    await sleep(20);
  }
  await one.close();
  return performance.now() - at;
}

it("Postgres that is restarted, or ends all connections, costs no turn and no process, and is used again at once", {
  timeout: size(180_000, 900_000),
}, async () => {
  const postgres = await startPostgres(inject("runFolder"));
  try {
    await using nodes = await cluster({ postgres });
    const told = answers(nodes.model, { words: 20, everyMs: 50, stepMs: 50 });
    const pids = nodes.nodes.map(({ pid }) => pid);
    const backMs: number[] = [];
    const losing = (async () => {
      for (let index = 0; index < size(6, 40); index += 1) {
        await sleep(800);
        if (index % 2) await nodes.database.endBackends();
        else {
          await postgres.end(index % 4 ? "SIGINT" : "SIGQUIT");
          await postgres.start();
        }
        backMs.push(await writesBackMs(nodes, `back-${index}`));
      }
    })();
    const talks = await talkDuring(nodes, "postgres", losing);
    await losing;
    figures("Postgres lost", {
      losses: backMs.length,
      turns: talks.flatMap(({ history }) => history).length,
      writesBackMs: { p50: percentile(backMs, 50), max: percentile(backMs, 100) },
    });
    expect(broken(talks, told)).toEqual([]);
    expect(nodes.nodes.map(({ pid }) => pid)).toEqual(pids);
    for (const { http } of nodes.nodes) expect((await fetch(`${http}/readyz`)).status).toBe(200);
    expect(percentile(backMs, 100)).toBeLessThan(isLong ? 2000 : 10_000);
    await leave(talks);
  } finally {
    await postgres.close();
  }
});

it("Redis that is killed, paused or emptied costs no turn and no word, and presence heals", {
  timeout: size(180_000, 600_000),
}, async () => {
  await using nodes = await cluster();
  const told = answers(nodes.model, { words: 20, everyMs: 50, stepMs: 50 });
  const { redis } = nodes;
  const losing = (async () => {
    for (let index = 0; index < size(1, 5); index += 1) {
      await sleep(1000);
      await redis.end("SIGKILL");
      await sleep(1500);
      await redis.start();
      await sleep(1500);
      redis.signal("SIGSTOP");
      await sleep(size(6000, 30_000));
      redis.signal("SIGCONT");
      await sleep(1500);
      await redis.ask("FLUSHALL");
    }
    await sleep(1000);
  })();
  const talks = await talkDuring(nodes, "redis", losing);
  const waits = silences(talks);
  figures("Redis lost", {
    turns: talks.flatMap(({ history }) => history).length,
    again: talks.flatMap(({ asked }) => asked).filter(({ name }) => told.said(name).length > 1).length,
    silenceMs: { p50: percentile(waits, 50), max: percentile(waits, 100) },
  });
  expect(broken(talks, told)).toEqual([]);
  const [{ asked = [] } = {}] = talks;
  expect(asked.length).toBeGreaterThan(0);
  expect(percentile(waits, 100)).toBeLessThan(isLong ? 2000 : 5000);

  const one = await member({ url: nodes.node(0).url, topic: "presence", kind: "plain" });
  const other = await member({ url: nodes.node(1).url, topic: "presence", kind: "plain" });
  await expect.poll(() => devicesIn(one)).toBe(2);
  await redis.end("SIGKILL");
  await sleep(6500);
  await redis.start();
  await expect.poll(() => devicesIn(one)).toBe(2);
  await other.close();
  await expect.poll(() => devicesIn(one)).toBe(1);
  await one.close();
  await leave(talks);
});

/** How many devices are there, as this one knows from the presence events. */
function devicesIn({ events }: { events: { event: string; payload: object }[] }): number {
  const here = new Set<string>();
  for (const { event, payload } of events) {
    const { joins, leaves } = (event === "presence_diff" ? payload : { joins: payload, leaves: {} }) as Diff;
    if (event !== "presence_state" && event !== "presence_diff") continue;
    if (event === "presence_state") here.clear();
    for (const ref of refsOf(leaves)) here.delete(ref);
    for (const ref of refsOf(joins)) here.add(ref);
  }
  return here.size;
}

interface Diff {
  joins: Record<string, { metas: { phx_ref: string }[] }>;
  leaves: Record<string, { metas: { phx_ref: string }[] }>;
}

const refsOf = (list: Diff["joins"]) => Object.values(list).flatMap(({ metas }) => metas.map(({ phx_ref }) => phx_ref));
