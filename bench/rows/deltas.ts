import { setTimeout as sleep } from "node:timers/promises";

import { type Conversation, conversation } from "../client/conversation.ts";
import type { Measure, Row } from "../figures.ts";
import type { Program } from "../program.ts";
import { tokenLength } from "../programs/model-tokens.ts";
import { profiled, type Stage } from "../stage.ts";

const streams = 100;
const fast = { tokens: 2000, firstMs: 0, everyMs: 0, atOnce: 8, gated: true };
const paced = { tokens: 75, firstMs: 0, everyMs: 20, atOnce: 1, gated: true };

/** Measures only the streaming: the model server starts when all requests have arrived, and ends no answer before all text has arrived. */
export function deltas(stage: Stage): Row {
  async function flow(program: Program, url: string, pace: typeof fast, profile?: string) {
    const model = await stage.model();
    const awaited = streams * pace.tokens * tokenLength;
    const arrived = Promise.withResolvers<void>();
    let characters = 0;
    const progress = (more: number) => {
      characters += more;
      if (characters >= awaited) arrived.resolve();
    };
    const open = await Promise.all(Array.from({ length: streams }, () => conversation(url, progress)));
    const turns = open.map((one: Conversation) => one.ask(pace));
    await fetch(`${model.url}/waiting?streams=${streams}`);
    await sleep(100);
    const { ms, cpu } = await profiled(stage, program, profile, async () => {
      const cpuBefore = await program.cpu();
      const began = performance.now();
      void fetch(`${model.url}/open`);
      await Promise.race([arrived.promise, ...turns.map((turn) => turn.ended.then(() => arrived.promise))]);
      const ms = performance.now() - began;
      return { ms, cpu: (await program.cpu()) - cpuBefore };
    });
    await fetch(`${model.url}/close`);
    await Promise.all(turns.map((turn) => turn.ended));
    for (const one of open) one.close();
    const tokens = characters / tokenLength;
    const frames = turns.reduce((sum, turn) => sum + turn.frames, 0);
    return { perSecond: (tokens / ms) * 1000, cpu: cpu / tokens, perFrame: tokens / frames, busy: cpu / ms / 10 };
  }

  return {
    title: `Deltas, ${streams} streams at once`,
    async round() {
      const relay = await stage.relay();
      const server = await stage.server();
      const each = await flow(relay, `${relay.url}/?each`, fast);
      const bare = await flow(relay, relay.url, fast);
      const served = await flow(server, server.url, fast, "deltas");
      const barePaced = await flow(relay, relay.url, paced);
      const servedPaced = await flow(server, server.url, paced, "paced");
      const ratio = (name: string, unit: string, bare: number, server: number, goal?: string): Measure => {
        return { name, unit, bare, server, by: "ratio", goal };
      };
      return [
        ratio(
          "full speed, against a relay with one frame per read",
          "tokens/s",
          bare.perSecond,
          served.perSecond,
          "≥ 0.5, aim 0.7",
        ),
        ratio(
          "full speed, against a relay with one frame per token",
          "tokens/s",
          each.perSecond,
          served.perSecond,
          "≥ 0.5, aim 0.7",
        ),
        ratio("full speed, CPU, one frame per read", "µs per token", bare.cpu, served.cpu),
        ratio("full speed, CPU, one frame per token", "µs per token", each.cpu, served.cpu),
        ratio("full speed, tokens per frame (one frame per read)", "", bare.perFrame, served.perFrame),
        ratio("full speed, process busy (one frame per read)", "%", bare.busy, served.busy),
        ratio("50 tokens/s per stream, CPU", "µs per token", barePaced.cpu, servedPaced.cpu, "≤ 2, aim 1.43"),
        ratio("50 tokens/s per stream, tokens per frame", "", barePaced.perFrame, servedPaced.perFrame),
      ];
    },
  };
}
