import { conversation } from "../client/conversation.ts";
import type { Row } from "../figures.ts";
import { profiled, type Stage } from "../stage.ts";
import { throughput } from "../throughput.ts";

const pace = { tokens: 10, firstMs: 0, everyMs: 0, gated: false };
const load = { conversations: 50, turnsEach: 6, pace };

export function turns(stage: Stage): Row {
  return {
    title: `Whole turns, ${load.conversations} conversations at once, answers of ${pace.tokens} tokens (bare: the relay)`,
    async round() {
      const [relay, server] = [await stage.relay(), await stage.server()];
      const relayed = await throughput(relay, conversation, load);
      const served = await profiled(stage, server, "turns", () => throughput(server, conversation, load));
      return [
        { name: "turns", unit: "per second", bare: relayed.perSecond, server: served.perSecond, by: "ratio" },
        { name: "CPU", unit: "ms per turn", bare: relayed.cpu, server: served.cpu, by: "ratio" },
      ];
    },
  };
}
