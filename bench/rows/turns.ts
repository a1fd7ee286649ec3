import { type Conversation, conversation } from "../client/conversation.ts";
import type { Row } from "../figures.ts";
import type { Program } from "../program.ts";
import { profiled, type Stage } from "../stage.ts";

const conversations = 50;
const turnsEach = 6;
const pace = { tokens: 10, firstMs: 0, everyMs: 0, gated: false };

/** Every conversation asks again as soon as it is answered. */
export function turns(stage: Stage): Row {
  async function rate(program: Program) {
    const open = await Promise.all(Array.from({ length: conversations }, () => conversation(program.url)));
    const cpuBefore = await program.cpu();
    const began = performance.now();
    await Promise.all(open.map(askAll));
    const ms = performance.now() - began;
    const cpu = (await program.cpu()) - cpuBefore;
    for (const one of open) one.close();
    const count = conversations * turnsEach;
    return { perSecond: (count / ms) * 1000, cpu: cpu / count / 1000 };
  }

  return {
    title: `f. Whole turns, ${conversations} conversations at once, answers of ${pace.tokens} tokens (bare: the relay)`,
    async round() {
      const [relay, server] = [await stage.relay(), await stage.server()];
      const relayed = await rate(relay);
      const served = await profiled(stage, server, "f-turns", () => rate(server));
      return [
        { name: "turns", unit: "a second", bare: relayed.perSecond, server: served.perSecond, by: "ratio" },
        { name: "CPU", unit: "ms a turn", bare: relayed.cpu, server: served.cpu, by: "ratio" },
      ];
    },
  };
}

async function askAll(one: Conversation): Promise<void> {
  for (let turn = 0; turn < turnsEach; turn += 1) await one.ask(pace).ended;
}
