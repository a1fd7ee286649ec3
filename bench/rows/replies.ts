import { setTimeout as sleep } from "node:timers/promises";

import { type Conversation, conversation } from "../client/conversation.ts";
import { syncs } from "../disk.ts";
import { type Measure, quantile, type Row } from "../figures.ts";
import type { Stage } from "../stage.ts";

const samples = 100;
const besides = 200;
const gapMs = 10;
const streams = 50;
const short = { tokens: 1 };
const paced = { firstMs: 0, everyMs: 20, gated: false };
/** The relay cannot be stopped; these are enough for its time. */
const relayTokens = (besides * gapMs) / paced.everyMs + 10;
const manyTokens = 10_000;
const beside = `beside ${streams} streams of 50 tokens/s`;

/** From sending `message` to its `ok`, which comes when the turn is on disk. */
export function replies(stage: Stage): Row {
  async function times(conversations: Conversation[]): Promise<number[]> {
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

  /** What `work` came to while the streams ran, and the longest gap between two deltas of one of them. */
  async function besideStreams<T>(url: string, tokens: number, work: () => Promise<T>): Promise<[T, number]> {
    let isWatched = false;
    let longest = 0;
    const gaps = () => {
      let last = 0;
      return () => {
        const now = performance.now();
        if (isWatched) longest = Math.max(longest, now - last);
        last = now;
      };
    };
    const streaming = await Promise.all(Array.from({ length: streams }, () => conversation(url, gaps())));
    const turns = streaming.map((one) => one.ask({ ...paced, tokens }));
    await Promise.all(turns.map((turn) => turn.first));
    isWatched = true;
    const worked = await work();
    isWatched = false;
    for (const one of streaming) one.stop();
    await Promise.all(turns.map((turn) => turn.ended));
    for (const one of streaming) one.close();
    return [worked, longest];
  }

  return {
    title: "The `ok` reply to `message` (bare: the same frame sent back)",
    async round() {
      const [bare, relay, server] = [await stage.bare(), await stage.relay(), await stage.server()];
      const echoed = await times(await fresh(bare.url, samples));
      const served = await times(await fresh(server.url, samples));
      const synced = await syncs(stage.folder, besides, gapMs);
      const [, relayGap] = await besideStreams(relay.url, relayTokens, () => sleep(besides * gapMs));
      const asking = await fresh(server.url, besides);
      const [worked, gap] = await besideStreams(server.url, manyTokens, () => times(asking));
      const line = (name: string, share: number, bare: number[], server: number[]): Measure => {
        return { name, unit: "ms", bare: quantile(bare, share), server: quantile(server, share), by: "difference" };
      };
      return [
        line("alone, p50", 0.5, echoed, served),
        line("alone, p99", 0.99, echoed, served),
        line(`${beside}, p50`, 0.5, echoed, worked),
        {
          ...line(`${beside}, p99, against a page synced to the same disk`, 0.99, synced, worked),
          by: "ratio",
          goal: "≤ 3",
        },
        {
          name: "longest gap between deltas of these streams, against the relay's",
          unit: "ms",
          bare: relayGap,
          server: gap,
          by: "difference",
          goal: "no gap > 100 that is not the machine's",
        },
      ];
    },
  };
}
