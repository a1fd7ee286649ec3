import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";

import { leaseMs } from "../../src/store/turns.ts";
import { figures, seed } from "../reliability/support.ts";
import { size } from "../support/size.ts";
import { seeded, type TcpProxy } from "../support/tcp-proxy.ts";
import { answers } from "./support/answers.ts";
import { cluster } from "./support/cluster.ts";
import type { ClusterNode } from "./support/node.ts";
import { broken, rivals } from "./support/proof.ts";
import { type Talk, talk } from "./support/talk.ts";

const faults = ["stall", "refuse", "halfOpen"] as const;
const services = ["postgres", "redis", "both"] as const;
const kinds = services.flatMap((service) => faults.map((fault) => ({ service, fault })));
const partitions = size(kinds.length, 20);
const patienceMs = 90_000;
/** Time that a busy machine may take to say what is due. */
const slackMs = 500;

function begin(proxy: TcpProxy, fault: (typeof faults)[number]): void {
  if (fault === "stall") proxy.stall();
  else if (fault === "refuse") proxy.refuse();
  else proxy.halfOpen();
}

interface Cut {
  node: ClusterNode;
  isFromStore: boolean;
  at: number;
  until: number;
}

/** Words that a node without its database said when its lease had to be over. It may pass on those of another node. */
function saidTooLate({ at, until }: Cut, own: readonly Talk[]): string[] {
  return own.flatMap(({ id, asked, members }) =>
    asked.flatMap(({ turnId }) => {
      const since = (members[0]?.events ?? []).filter(
        (one) => one.event === "response_delta" && one.payload.turn_id === turnId && one.at > at && one.at < until,
      );
      const elsewhere = since.findIndex(({ payload }) => payload.offset === 0);
      const said = elsewhere < 0 ? since : since.slice(0, elsewhere);
      const late = said.filter((one) => one.at > at + leaseMs + slackMs);
      return late.map(({ payload }) => `${id}: ${turnId} ${payload.text}`);
    }),
  );
}

it("a node that is cut off from Postgres, Redis or both keeps every promise, and only one node runs a turn", {
  timeout: size(240_000, 1_200_000),
}, async () => {
  const random = seeded(seed);
  await using nodes = await cluster();
  const told = answers(nodes.model, { words: 30, everyMs: 50, stepMs: 100 });
  const cuts: Cut[] = [];

  async function cut(index: number): Promise<void> {
    const { service, fault } = kinds[index % kinds.length] ?? { service: "both", fault: "stall" };
    const node = nodes.node(index % nodes.nodes.length);
    const ways = service === "both" ? [node.postgres, node.redis] : [node[service]];
    await sleep(1000 + random() * 1000);
    const at = performance.now();
    for (const way of ways) begin(way, fault);
    // Connections that are half open are replaced by good ones, so only the others keep the node away.
    await sleep(leaseMs + 1500 + random() * 2000);
    cuts.push({ node, isFromStore: service !== "redis" && fault !== "halfOpen", at, until: performance.now() });
    for (const way of ways) {
      way.resume();
      way.accept();
    }
  }

  const cutting = (async () => {
    for (let index = 0; index < partitions; index += 1) await cut(index);
  })();
  const shared = { random, turns: 2, until: cutting, isImpatient: true, patienceMs };
  const begun = nodes.nodes.flatMap((node, index) =>
    ["simple", "complex"].map(async (engine) => {
      const otherUrl = nodes.node((index + 1) % nodes.nodes.length).url;
      const id = `cut-${index}-${engine}`;
      return { node, own: await talk({ ...shared, url: node.url, otherUrl, id, engine, kinds: ["cursor", "plain"] }) };
    }),
  );
  const placed = await Promise.all(begun);
  await cutting;

  const talks = placed.map(({ own }) => own);
  const late = cuts
    .filter(({ isFromStore }) => isFromStore)
    .flatMap((one) =>
      saidTooLate(
        one,
        placed.filter(({ node }) => node === one.node).map(({ own }) => own),
      ),
    );
  const twice = rivals(talks, told);
  figures("partitions", {
    seed,
    partitions: cuts.length,
    turns: talks.flatMap(({ history }) => history).length,
    attempts: talks.flatMap(({ asked }) => asked).filter(({ name }) => told.said(name).length > 1).length,
    twoWriters: twice.length,
    saidTooLate: late.length,
  });
  expect(broken(talks, told)).toEqual([]);
  expect(twice).toEqual([]);
  expect(late).toEqual([]);
  for (const { members } of talks) for (const member of members) await member.close();
});
