import { type Conversation, conversation } from "../client/conversation.ts";
import { type Measure, quantile, type Row } from "../figures.ts";
import type { Program } from "../program.ts";
import { tokenLength } from "../programs/model-tokens.ts";
import { sinceStamp } from "../programs/stamp.ts";
import type { Stage } from "../stage.ts";

const streams = 2_000;
const atOnce = 100;
const pace = { tokens: 8, firstMs: 0, everyMs: 500, gated: true, together: true, stamped: true };

/** The model server starts all answers at the same moment, and writes their tokens at the same moments. */
export function burst(stage: Stage): Row {
  async function delays({ url }: Program): Promise<number[]> {
    const model = await stage.model();
    const found: number[] = [];
    const hear = (_characters: number, text: string) => {
      for (let at = 0; at < text.length; at += tokenLength) found.push(sinceStamp(text.slice(at, at + tokenLength)));
    };
    const open: Conversation[] = [];
    while (open.length < streams) {
      open.push(...(await Promise.all(Array.from({ length: atOnce }, () => conversation(url, hear)))));
    }
    const turns = open.map((one) => one.ask(pace));
    await fetch(`${model.url}/waiting?streams=${streams}`);
    await fetch(`${model.url}/open`);
    await fetch(`${model.url}/close`);
    await Promise.all(turns.map((turn) => turn.ended));
    for (const one of open) one.close();
    return found;
  }

  return {
    title: `Burst: ${streams.toLocaleString("en")} streams that start at once, ${1000 / pace.everyMs} tokens/s each (bare: the relay)`,
    async round() {
      const relayed = await delays(await stage.relay());
      const served = await delays(await stage.server());
      const line = (name: string, share: number, goal?: string): Measure => {
        const [bare, server] = [quantile(relayed, share), quantile(served, share)];
        return { name: `delay of a token, ${name}`, unit: "ms", bare, server, by: "ratio", goal };
      };
      return [line("p50", 0.5), line("p99", 0.99, "≤ 2")];
    },
  };
}
