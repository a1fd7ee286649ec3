import { setTimeout as sleep } from "node:timers/promises";

import { type Client, client, freshTopic } from "../client/conversation.ts";
import type { Measure, Row } from "../figures.ts";
import type { Program } from "../program.ts";
import type { Stage } from "../stage.ts";

const connections = 2_000;
const warmUp = 300;
const atOnce = 50;

/**
 * How much the process grows, after garbage collection, per connection that joined and is idle. The first connections partly reuse memory
 * that was freed after the start, so the next ones are measured too.
 */
export function memory(stage: Stage): Row {
  async function cost(kind: "server" | "bare") {
    const program = await stage.fresh(kind);
    const clients = await joined(program, warmUp);
    const start = await settled(program);
    clients.push(...(await joined(program, connections)));
    const half = await settled(program);
    clients.push(...(await joined(program, connections)));
    const end = await settled(program);
    for (const one of clients) one.close();
    await program.stop();
    const each = (bytes: number) => bytes / connections / 1024;
    const heap = each(end.heapUsed - half.heapUsed);
    return { first: each(half.rss - start.rss), next: each(end.rss - half.rss), heap };
  }

  return {
    title: `Memory of an idle joined connection (bare: a \`ws\` connection that was sent one frame)`,
    startsCold: true,
    async round() {
      const bare = await cost("bare");
      const server = await cost("server");
      const measure = (name: string, key: keyof typeof bare): Measure => {
        return { name, unit: "KiB", bare: bare[key], server: server[key], by: "ratio", goal: "≤ 1.4, aim 1.3" };
      };
      return [
        measure(`resident, the first ${connections}`, "first"),
        measure(`resident, the next ${connections}`, "next"),
        measure(`JavaScript heap, the next ${connections}`, "heap"),
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
