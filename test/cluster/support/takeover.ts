import { setTimeout as sleep } from "node:timers/promises";

import type { Answers } from "./answers.ts";
import { nameIn } from "./answers.ts";
import type { Cluster } from "./cluster.ts";

/** A dead process closes its requests within this time. */
const closingMs = 500;

export interface Takeover {
  ms: number;
  /** Another node was killed meanwhile: perhaps the one that had taken the turn over, so that it had to be taken over again. */
  isDisturbed: boolean;
}

/** The times from the loss of a node to the next request for what it was being answered: one for each turn that was taken over. */
export function takeovers({ requests }: Pick<Answers, "requests">, lostAt: readonly number[]): Takeover[] {
  const byName = Map.groupBy(requests, nameIn);
  byName.delete(undefined);
  return lostAt.flatMap((at) =>
    [...byName.values()].flatMap((own) => {
      const lost = own.find(({ closedByClientAt = 0 }) => closedByClientAt >= at && closedByClientAt < at + closingMs);
      const next = lost && own.find((request) => request.at > (lost.closedByClientAt ?? 0));
      if (!next) return [];
      return [{ ms: next.at - at, isDisturbed: lostAt.some((other) => other > at && other < next.at) }];
    }),
  );
}

interface KillOptions {
  random: () => number;
  kills: number;
  /** The longest pause between two kills. */
  everyMs: number;
}

/** Kills random nodes, sometimes one while another is down, and starts them again. Resolves to the times of the kills. */
export async function killNodes({ nodes }: Pick<Cluster, "nodes">, { random, kills, everyMs }: KillOptions) {
  const killedAt: number[] = [];
  const starting: Promise<void>[] = [];
  while (killedAt.length < kills) {
    await sleep(everyMs * (0.3 + 0.7 * random()));
    const up = nodes.filter(({ isRunning }) => isRunning);
    const node = up[Math.floor(random() * up.length)];
    if (!node || up.length < 2) continue;
    killedAt.push(performance.now());
    await node.kill();
    const downMs = random() * 2000;
    starting.push(sleep(downMs).then(() => node.start()));
  }
  await Promise.all(starting);
  return killedAt;
}
