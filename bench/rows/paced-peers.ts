import { setTimeout as sleep } from "node:timers/promises";

import type { OpenChat } from "../client/chats.ts";
import { express, inTurns, theServer, theVersionBefore } from "../contestants.ts";
import type { Measure, Row } from "../figures.ts";
import type { Measured } from "../program.ts";
import { tokenLength } from "../programs/model-tokens.ts";
import type { Stage } from "../stage.ts";

const streams = 50;
const pace = { tokens: 200, firstMs: 0, everyMs: 20, atOnce: 1, gated: true };

const goals: Record<string, string> = { "Express + AI SDK": "≤ 0.35" };

/** The model server starts when all requests have arrived, and ends no answer before all text has arrived. */
export function pacedPeers(stage: Stage): Row {
  async function cost(program: Measured, open: OpenChat) {
    const model = await stage.model();
    const tokens = streams * pace.tokens;
    const arrived = Promise.withResolvers<void>();
    let characters = 0;
    const progress = (more: number) => {
      characters += more;
      if (characters >= tokens * tokenLength) arrived.resolve();
    };
    const chats = await Promise.all(Array.from({ length: streams }, () => open(program.url, progress)));
    const began = await program.cpu();
    const ended = Promise.all(chats.map((chat) => chat.ask(pace).ended));
    await fetch(`${model.url}/waiting?streams=${streams}`);
    await sleep(100);
    const opened = await program.cpu();
    void fetch(`${model.url}/open`);
    await Promise.race([arrived.promise, ended]);
    const streamed = await program.cpu();
    await fetch(`${model.url}/close`);
    await ended;
    const over = await program.cpu();
    for (const chat of chats) chat.close();
    return { streaming: (streamed - opened) / tokens, whole: (over - began) / tokens };
  }

  const measure = inTurns((program, { open }) => cost(program, open));

  return {
    title: `Peers, paced: ${streams} answers of ${pace.tokens} tokens at 50 tokens/s`,
    against: "peer",
    async round() {
      const { served, others } = await measure(theServer(stage), [...theVersionBefore(stage), express(stage)]);
      return others.flatMap(({ name, ...peer }) => {
        const line = (what: string, key: keyof typeof peer, goal?: string): Measure => {
          const unit = "µs per token";
          return { name: `${name}: CPU ${what}`, unit, by: "ratio", bare: peer[key], server: served[key], goal };
        };
        return [line("while streaming", "streaming", goals[name]), line("of whole turns", "whole")];
      });
    },
  };
}
