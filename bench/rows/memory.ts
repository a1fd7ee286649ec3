import { setTimeout as sleep } from "node:timers/promises";

import { type Client, client, freshTopic } from "../client/conversation.ts";
import type { Row } from "../figures.ts";
import type { Program } from "../program.ts";
import type { Stage } from "../stage.ts";

const connections = 2_000;
const warmUp = 300;
const atOnce = 50;

/** What the process grows by, after garbage collection, for each connection that joined and then does nothing. */
export function memory(stage: Stage): Row {
  async function cost(kind: "server" | "bare") {
    const program = await stage.fresh(kind);
    const clients = await joined(program, warmUp);
    const before = await settled(program);
    clients.push(...(await joined(program, connections)));
    const after = await settled(program);
    for (const one of clients) one.close();
    await program.stop();
    const perConnection = (key: "rss" | "heapUsed") => (after[key] - before[key]) / connections / 1024;
    return { rss: perConnection("rss"), heap: perConnection("heapUsed") };
  }

  return {
    title: `c. Memory of an idle joined connection, ${connections} of them (bare: a \`ws\` connection that was sent one frame)`,
    startsCold: true,
    async round() {
      const bare = await cost("bare");
      const server = await cost("server");
      return [
        { name: "resident", unit: "KiB", bare: bare.rss, server: server.rss, by: "ratio", goal: "≤ 2, aim 1.3" },
        { name: "JavaScript heap", unit: "KiB", bare: bare.heap, server: server.heap, by: "ratio" },
      ];
    },
  };
}

async function joined({ url }: Program, count: number): Promise<Client[]> {
  const clients: Client[] = [];
  while (clients.length < count) {
    clients.push(...(await Promise.all(Array.from({ length: atOnce }, () => join(url)))));
  }
  return clients;
}

async function join(url: string): Promise<Client> {
  const connection = await client(url);
  await connection.push(freshTopic(), "phx_join", {});
  return connection;
}

async function settled(program: Program): Promise<NodeJS.MemoryUsage> {
  await sleep(200);
  await program.ask("memory");
  await sleep(100);
  return await program.ask("memory");
}
