import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";

import { leaseMs } from "../../src/store/turns.ts";
import { figures, percentile, seed } from "../reliability/support.ts";
import type { Received } from "../support/conversation.ts";
import { size } from "../support/size.ts";
import { seeded } from "../support/tcp-proxy.ts";
import { answers } from "./support/answers.ts";
import { cluster } from "./support/cluster.ts";
import type { Member } from "./support/member.ts";
import { broken } from "./support/proof.ts";
import { talk } from "./support/talk.ts";

const pauses = size(3, 30);
const patienceMs = 90_000;

interface Pause {
  at: number;
  until: number;
  /** Turns that were taken up elsewhere meanwhile. */
  lost: string[];
}

/** Words of an attempt that had been lost, told by the node after it woke up to a client that had stayed with it. */
function staleWords({ lost, until }: Pause, members: readonly Member[]): string[] {
  return members.flatMap(({ events }) =>
    lost.flatMap((turnId) => {
      const after = ({ event, payload, at }: Received) =>
        event === "response_delta" && payload.turn_id === turnId && at > until;
      const first = events.find(after);
      const goesOn = first !== undefined && first.payload.offset > 0;
      return goesOn ? [`${turnId}: ${first.payload.text}`] : [];
    }),
  );
}

it("a node that is paused for longer than its lease says and writes nothing more of what it ran", {
  timeout: size(240_000, 1_800_000),
}, async () => {
  const random = seeded(seed);
  await using nodes = await cluster();
  const told = answers(nodes.model, { words: 30, everyMs: 50, stepMs: 100 });
  const done: Pause[] = [];

  async function pause(index: number): Promise<void> {
    const victim = nodes.node(index % nodes.nodes.length);
    await sleep(700 + random() * 1500);
    const at = performance.now();
    nodes.front.exclude(victim.port); // a load balancer sees that it does not answer
    victim.stop();
    await sleep(leaseMs * (index % 2 ? 10 : 1.5));
    const until = performance.now();
    victim.cont();
    nodes.front.include(victim.port);
    done.push({ at, until, lost: [] });
  }

  const pausing = (async () => {
    for (let index = 0; index < pauses; index += 1) await pause(index);
  })();
  // Each node has talks of its own, whose clients stay with it while it is paused, and others that look on from elsewhere.
  const shared = { random, turns: 2, until: pausing, isImpatient: true, patienceMs };
  const talks = await Promise.all(
    nodes.nodes.flatMap(({ url, name }, index) =>
      ["simple", "complex"].map((engine) =>
        talk({
          ...shared,
          url,
          otherUrl: nodes.node((index + 1) % nodes.nodes.length).url,
          id: `${name.replace(" ", "-")}-${engine}`,
          engine,
          kinds: ["cursor", "cursor", "plain"],
        }),
      ),
    ),
  );
  await pausing;

  const members = talks.flatMap((one) => one.members);
  const own = talks.flatMap((one) => one.members.slice(0, 1)); // of the node that ran its turns
  const again: number[] = [];
  for (const { asked } of talks) {
    for (const { name, turnId } of asked) {
      const requests = told.requestsFor(name);
      for (const one of done) {
        const next = requests.findIndex(({ at }, nth) => nth > 0 && at > one.at && at < one.until);
        const before = requests[next - 1];
        if (next < 1 || !before || before.at > one.at) continue;
        one.lost.push(turnId);
        again.push((requests[next]?.at ?? 0) - one.at);
      }
    }
  }
  const stale = done.flatMap((one) => staleWords(one, own));
  figures("paused nodes", {
    seed,
    pauses: done.length,
    turns: talks.flatMap(({ history }) => history).length,
    takenOver: again.length,
    staleWords: stale.length,
    takeoverMs: { p50: percentile(again, 50), p99: percentile(again, 99), max: percentile(again, 100) },
  });
  expect(stale).toEqual([]);
  expect(broken(talks, told)).toEqual([]);
  expect(again.length).toBeGreaterThan(0);
  for (const member of members) await member.close();
});
