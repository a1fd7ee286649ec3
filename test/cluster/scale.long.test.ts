import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, it } from "vitest";

import { figures } from "../reliability/support.ts";
import type { Conversation } from "../support/client.ts";
import { type Cluster, cluster } from "./support/cluster.ts";
import { startPostgres } from "./support/postgres.ts";
import { canLimit, cpuMs, quota } from "./support/quota.ts";

/** Of a core, for each node: so little that Postgres, Redis, the model and the clients never wait for a core. */
const share = 0.15;
const talksOfNode = 30;
const warmUpMs = 6_000;
const measuredMs = 25_000;
const reply = { chunks: Array.from({ length: 10 }, (_, index) => ` word ${index}`) };

interface Rate {
  turnsPerSecond: number;
  nodeCpuMsOfTurn: number;
  postgresCpuMsOfTurn: number;
  transactionsOfTurn: number;
  redisCommandsOfTurn: number;
  publishedOfTurn: number;
}

/** Turns of conversations that ask again as soon as they are answered. With `isWatched`, somebody on another node looks on. */
async function rate(count: number, isWatched = false): Promise<Rate> {
  const postgres = await startPostgres(inject("runFolder"));
  const groups = Array.from({ length: count }, (_, index) => quota(`nodes-${count}-${index}-${isWatched}`, share));
  try {
    await using nodes = await cluster({ nodes: count, postgres });
    nodes.model.answer(() => reply);
    for (const [index, group] of groups.entries()) group.add(nodes.node(index).pid);
    let isOver = false;
    let turns = 0;
    const talks = nodes.nodes.flatMap((node, index) =>
      Array.from({ length: talksOfNode }, async (_, nth) => {
        const client = await node.connect();
        const conversation = await client.join(`scale-${index}-${nth}`);
        const other = isWatched ? await nodes.node((index + 1) % count).connect() : undefined;
        await other?.join(`scale-${index}-${nth}`);
        await ask(
          conversation,
          () => isOver,
          () => (turns += 1),
        );
        client.socket.disconnect();
        other?.socket.disconnect();
      }),
    );
    await sleep(warmUpMs);
    const before = { turns, ...(await used(nodes, postgres.pid)), at: performance.now() };
    await sleep(measuredMs);
    const after = { turns, ...(await used(nodes, postgres.pid)), at: performance.now() };
    isOver = true;
    await Promise.all(talks);
    const done = after.turns - before.turns;
    const ofTurn = (name: keyof Used) => Math.round(((after[name] - before[name]) / done) * 100) / 100;
    return {
      turnsPerSecond: Math.round((done / (after.at - before.at)) * 10_000) / 10,
      nodeCpuMsOfTurn: ofTurn("nodeMs"),
      postgresCpuMsOfTurn: ofTurn("postgresMs"),
      transactionsOfTurn: ofTurn("transactions"),
      redisCommandsOfTurn: ofTurn("commands"),
      publishedOfTurn: ofTurn("published"),
    };
  } finally {
    await postgres.close();
    for (const group of groups) group.remove();
  }
}

interface Used {
  nodeMs: number;
  postgresMs: number;
  transactions: number;
  commands: number;
  published: number;
}

async function used({ nodes, database, redis }: Cluster, postgres: number): Promise<Used> {
  const [row] = await database.rows(
    "SELECT xact_commit::int AS commits FROM pg_stat_database WHERE datname = current_database()",
  );
  const info = String(await redis.ask("INFO", "everything"));
  return {
    nodeMs: nodes.reduce((sum, { pid }) => sum + cpuMs(pid), 0),
    postgresMs: cpuMs(postgres, "children"),
    transactions: Number(row?.commits),
    commands: Number(/total_commands_processed:(\d+)/.exec(info)?.[1]),
    published: Number(/cmdstat_publish:calls=(\d+)/.exec(info)?.[1] ?? 0),
  };
}

async function ask(conversation: Conversation, isOver: () => boolean, answered: () => void): Promise<void> {
  while (!isOver()) {
    const { status, response } = await conversation.push("message", {
      content: "Hello?",
      options: { engine: "simple" },
    });
    if (status !== "ok") continue;
    await conversation.turn(response.turn_id, 60_000);
    conversation.events.length = 0; // or looking for the next end takes longer and longer
    answered();
  }
}

it.skipIf(!canLimit)("two nodes carry almost twice the turns of one", { retry: 1 }, async () => {
  const one = await rate(1);
  const two = await rate(2);
  const watched = await rate(2, true);
  const factor = two.turnsPerSecond / one.turnsPerSecond;
  figures("two nodes against one", { share, one, two, watched, factor: Math.round(factor * 100) / 100 });
  expect(factor).toBeGreaterThan(1.7);
});
