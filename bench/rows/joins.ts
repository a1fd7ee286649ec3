import { type Client, client, freshTopic } from "../client/conversation.ts";
import type { Row } from "../figures.ts";
import type { Program } from "../program.ts";
import { profiled, type Stage } from "../stage.ts";

const sockets = 100;
const joinsEach = 20;

/** Each socket sends all its joins at once, each for a new conversation. */
export function joins(stage: Stage): Row {
  async function rate(program: Program) {
    const clients = await Promise.all(Array.from({ length: sockets }, () => client(program.url)));
    const cpuBefore = await program.cpu();
    const began = performance.now();
    await Promise.all(clients.flatMap(joinAll));
    const ms = performance.now() - began;
    const cpu = (await program.cpu()) - cpuBefore;
    for (const one of clients) one.close();
    const count = sockets * joinsEach;
    return { perSecond: (count / ms) * 1000, cpu: cpu / count };
  }

  return {
    title: `Joins of new conversations over ${sockets} sockets, pipelined (bare: the same frames sent back)`,
    async round() {
      const [bare, server] = [await stage.bare(), await stage.server()];
      const echoed = await rate(bare);
      const served = await profiled(stage, server, "joins", () => rate(server));
      return [
        {
          name: "joins",
          unit: "per second",
          bare: echoed.perSecond,
          server: served.perSecond,
          by: "ratio",
          goal: "≥ 0.2",
        },
        { name: "CPU", unit: "µs per join", bare: echoed.cpu, server: served.cpu, by: "ratio" },
      ];
    },
  };
}

function joinAll(one: Client): Promise<unknown>[] {
  return Array.from({ length: joinsEach }, () => one.push(freshTopic(), "phx_join", {}));
}
