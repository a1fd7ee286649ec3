import { setTimeout as sleep } from "node:timers/promises";

import { type Conversation, conversation } from "../client/conversation.ts";
import { type Measure, quantile, type Row } from "../figures.ts";
import type { Stage } from "../stage.ts";

const samples = 100;
const streams = 50;
const short = { tokens: 1 };
const long = { tokens: 10_000, firstMs: 0, everyMs: 20, gated: false };

/** From sending `message` to its `ok`, which comes when the turn is on disk. */
export function replies(stage: Stage): Row {
  async function times(conversations: Conversation[], gapMs: number): Promise<number[]> {
    const found: number[] = [];
    for (const one of conversations) {
      const began = performance.now();
      const turn = one.ask(short);
      await turn.replied;
      found.push(performance.now() - began);
      await sleep(gapMs);
    }
    for (const one of conversations) one.close();
    return found;
  }

  const fresh = (url: string, count: number) => Promise.all(Array.from({ length: count }, () => conversation(url)));

  async function besideStreams(url: string): Promise<number[]> {
    const asking = await fresh(url, samples);
    const streaming = await fresh(url, streams);
    const turns = streaming.map((one) => one.ask(long));
    await Promise.all(turns.map((turn) => turn.first));
    const found = await times(asking, 10);
    for (const one of streaming) one.stop();
    await Promise.all(turns.map((turn) => turn.ended));
    for (const one of streaming) one.close();
    return found;
  }

  return {
    title: "The `ok` reply to `message` (bare: the same frame sent back)",
    async round() {
      const [bare, server] = [await stage.bare(), await stage.server()];
      const echoed = await times(await fresh(bare.url, samples), 10);
      const served = await times(await fresh(server.url, samples), 10);
      const beside = await besideStreams(server.url);
      const added = (name: string, share: number, found: number[]): Measure => {
        return { name, unit: "ms", bare: quantile(echoed, share), server: quantile(found, share), by: "difference" };
      };
      return [
        added("alone, p50", 0.5, served),
        added("alone, p99", 0.99, served),
        added(`beside ${streams} streams of 50 tokens/s, p50`, 0.5, beside),
        added(`beside ${streams} streams of 50 tokens/s, p99`, 0.99, beside),
      ];
    },
  };
}
