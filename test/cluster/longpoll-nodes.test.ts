import { setTimeout as sleep } from "node:timers/promises";

import { LongPoll } from "phoenix";
import { expect, it } from "vitest";

import { figures, percentile, seed } from "../reliability/support.ts";
import { connect } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { size } from "../support/size.ts";
import { seeded } from "../support/tcp-proxy.ts";
import { answers } from "./support/answers.ts";
import { type Cluster, cluster } from "./support/cluster.ts";
import { httpFront } from "./support/http-front.ts";
import type { Kind } from "./support/member.ts";
import { broken } from "./support/proof.ts";
import { killNodes } from "./support/takeover.ts";
import { type Talk, talk } from "./support/talk.ts";

const shared = { engine: "simple", isLongPoll: true, isImpatient: true };
const patienceMs = 90_000;

/**
 * The next poll of one member acknowledges an end for all members of its user. So one without a cursor is alone: it would not be told
 * what another has seen while it was away.
 */
const kindsOf = (n: number): Kind[] => (n === 1 ? ["plain"] : ["cursor", "cursor"]);

/** Nodes behind a balancer that sends each request to another one. */
async function balanced(nodes: Cluster) {
  const balancer = await httpFront(nodes.nodes.map(({ port }) => port));
  const told = answers(nodes.model, { words: 20, everyMs: 40 });
  return { balancer, told, url: balancer.url };
}

async function ended(talks: Talk[]): Promise<void> {
  for (const { members } of talks) for (const member of members) await member.close();
}

it("phoenix.js over long poll talks through a balancer that sends each request to another node", async () => {
  const random = seeded(seed);
  await using nodes = await cluster();
  const { balancer, told, url } = await balanced(nodes);
  const kinds = ["cursor", "plain"] as const;
  const talks = await Promise.all(
    [0, 1, 2].map((n) => talk({ ...shared, url, random, id: `poll-${n}`, kinds: [...kinds], turns: 3 })),
  );
  expect(broken(talks, told)).toEqual([]);
  expect(talks.flatMap(({ members }) => members.map(({ joins }) => joins.length))).toEqual(Array(6).fill(1));
  const served = [...balancer.served.values()];
  figures("requests of long poll by node", served);
  expect(served).toHaveLength(3);
  expect(Math.min(...served)).toBeGreaterThan(0.25 * Math.max(...served));
  await ended(talks);
  await balancer.close();
});

it("kill -9 of nodes loses and doubles nothing over long poll", { timeout: size(180_000, 900_000) }, async () => {
  const random = seeded(seed);
  await using nodes = await cluster();
  const { balancer, told, url } = await balanced(nodes);
  const killing = killNodes(nodes, { random, kills: size(3, 30), everyMs: 5_000 });
  const talks = await Promise.all(
    [0, 1, 2].map((n) =>
      talk({
        ...shared,
        url,
        random,
        id: `poll-${n}`,
        kinds: kindsOf(n),
        turns: 2,
        until: killing,
        patienceMs,
      }),
    ),
  );
  expect(broken(talks, told)).toEqual([]);
  figures("kill -9 under long poll", {
    seed,
    kills: (await killing).length,
    turns: talks.flatMap(({ history }) => history).length,
    rejoins: talks.flatMap(({ members }) => members).reduce((sum, { joins }) => sum + joins.length - 1, 0),
  });
  await ended(talks);
  await balancer.close();
});

it("a rolling restart loses and doubles nothing over long poll", { timeout: 180_000 }, async () => {
  const random = seeded(seed + 1);
  await using nodes = await cluster();
  const { balancer, told, url } = await balanced(nodes);
  const restarting = (async () => {
    for (const node of nodes.nodes) {
      await sleep(1_500);
      await node.restart("SIGTERM");
    }
  })();
  const talks = await Promise.all(
    [0, 1, 2].map((n) =>
      talk({
        ...shared,
        url,
        random,
        id: `roll-${n}`,
        kinds: kindsOf(n),
        turns: 2,
        until: restarting,
        patienceMs,
      }),
    ),
  );
  expect(broken(talks, told)).toEqual([]);
  await ended(talks);
  await balancer.close();
});

it("without Redis, a session goes on at its own node; with it again, at all of them", async () => {
  await using nodes = await cluster({ nodes: 2 });
  const { balancer } = await balanced(nodes);
  const options = { apiKey: "key-a", socketOptions: { transport: LongPoll } };
  await using own = await connect(nodes.node(0).url, options);
  const conversation = await own.join("own");
  await nodes.redis.end("SIGKILL");
  const { terminal } = await conversation.ask("<own.0>", simple, 20_000);
  expect(terminal.event).toBe("response");
  await nodes.redis.start();
  await expect
    .poll(() => nodes.redis.ask("PUBSUB", "NUMSUB", "conversations:0:nodes"))
    .toEqual(["conversations:0:nodes", 2]);
  expect((await conversation.ask("<own.1>", simple, 20_000)).terminal.event).toBe("response");
  expect(conversation.joins).toHaveLength(1);
  await using other = await connect(balancer.url, options);
  const everywhere = await other.join("everywhere");
  for (const name of ["<all.0>", "<all.1>"])
    expect((await everywhere.ask(name, simple, 20_000)).terminal.event).toBe("response");
  expect(everywhere.joins).toHaveLength(1);
  await balancer.close();
});

it("a request that goes through another node takes little longer", async () => {
  await using nodes = await cluster({ nodes: 2 });
  const ports = nodes.nodes.map(({ port }) => port);
  const times: number[][] = [];
  for (const reached of [ports.slice(0, 1), ports]) {
    await using balancer = await httpFront(reached);
    await using client = await connect(balancer.url, { apiKey: "key-a", socketOptions: { transport: LongPoll } });
    const conversation = await client.join(`times-${reached.length}`);
    const own: number[] = [];
    for (let n = 0; n < 300; n += 1) {
      const sentAt = performance.now();
      await conversation.push("typing", { typing: n % 2 === 0 });
      own.push(performance.now() - sentAt);
    }
    times.push(own.slice(50));
  }
  const [own, either] = times.map((all) => [25, 50, 95].map((share) => percentile(all, share)));
  figures("a push over long poll, ms at p25, p50, p95", { own, either });
});
