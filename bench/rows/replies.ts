import { setTimeout as sleep } from "node:timers/promises";

import { type Conversation, conversation } from "../client/conversation.ts";
import { syncs } from "../disk.ts";
import { type Measure, quantile, type Row } from "../figures.ts";
import type { Stage } from "../stage.ts";

const samples = 100;
const loadedSamples = 200;
const gapMs = 10;
const streams = 50;
const short = { tokens: 1 };
const paced = { firstMs: 0, everyMs: 20, gated: false };
/** The relay cannot be stopped, so its streams have to be about as long as the measurement. */
const relayTokens = (loadedSamples * gapMs) / paced.everyMs + 10;
const manyTokens = 10_000;
const loaded = `with ${streams} streams of 50 tokens/s`;

/** The time from sending `message` to its `ok` reply, which comes when the turn is on disk. */
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

  /** Runs `work` while streams are running. Returns its result, and the longest gap between two deltas of a stream. */
  async function withStreams<T>(url: string, tokens: number, work: () => Promise<T>): Promise<[T, number]> {
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
      const synced = await syncs(stage.folder, loadedSamples, gapMs);
      const [, relayGap] = await withStreams(relay.url, relayTokens, () => sleep(loadedSamples * gapMs));
      const asking = await fresh(server.url, loadedSamples);
      const [worked, gap] = await withStreams(server.url, manyTokens, () => times(asking));
      const line = (name: string, share: number, bare: number[], server: number[]): Measure => {
        return { name, unit: "ms", bare: quantile(bare, share), server: quantile(server, share), by: "difference" };
      };
      return [
        line("without other load, p50", 0.5, echoed, served),
        line("without other load, p99", 0.99, echoed, served),
        line(`${loaded}, p50`, 0.5, echoed, worked),
        {
          ...line(`${loaded}, p99, against a page synced to the same disk`, 0.99, synced, worked),
          by: "ratio",
          goal: "≤ 3",
        },
        {
          name: "longest gap between deltas of these streams, against the relay's",
          unit: "ms",
          bare: relayGap,
          server: gap,
          by: "difference",
          goal: "no gap > 100 caused by the server",
        },
      ];
    },
  };
}
