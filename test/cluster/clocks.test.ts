import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";

import { figures, percentile, seed } from "../reliability/support.ts";
import { seeded } from "../support/tcp-proxy.ts";
import { answers } from "./support/answers.ts";
import { cluster } from "./support/cluster.ts";
import { broken } from "./support/proof.ts";
import { takeovers } from "./support/takeover.ts";
import { talk } from "./support/talk.ts";

const hourMs = 3_600_000;
const preload = ["--import", new URL("../faults/clock-behind.ts", import.meta.url).pathname];

it("nodes whose clocks are an hour behind and ahead take over no turn too early, and keep the order", async () => {
  const random = seeded(seed);
  const envOf = [0, hourMs, -hourMs].map((behind) => ({ CLOCK_BEHIND_MS: String(behind) }));
  await using nodes = await cluster({ envOf, nodeArguments: preload });
  const told = answers(nodes.model, { words: 20, everyMs: 50 });
  const shared = { random, turns: 4, engine: "simple", isImpatient: true };
  const placed = nodes.nodes.map(({ url }, index) => ({ url, otherUrl: nodes.node((index + 1) % 3).url }));
  const calm = await Promise.all(
    placed.map((urls, n) => talk({ ...shared, ...urls, id: `calm-${n}`, kinds: ["cursor", "plain"] })),
  );
  expect(broken(calm, told)).toEqual([]);
  const names = calm.flatMap(({ asked }) => asked.map(({ name }) => name));
  expect(names.filter((name) => told.said(name).length > 1)).toEqual([]);

  const killedAt: number[] = [];
  const killing = (async () => {
    for (const node of nodes.nodes) {
      await sleep(1500);
      killedAt.push(performance.now());
      await node.kill();
      await node.start();
    }
  })();
  const after = placed.map(({ url }, n) =>
    talk({ ...shared, url, id: `killed-${n}`, until: killing, kinds: ["cursor"], turns: 2 }),
  );
  const talks = await Promise.all(after);
  const times = takeovers(told, killedAt).map(({ ms }) => ms);
  figures("clocks an hour apart", { takenOver: times.length, takeoverMs: times.map(Math.round) });
  expect(broken(talks, told)).toEqual([]);
  expect(percentile(times, 100)).toBeLessThan(15_000);
  for (const { members } of [...calm, ...talks]) for (const member of members) await member.close();
});
