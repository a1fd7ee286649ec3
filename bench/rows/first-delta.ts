import { setTimeout as sleep } from "node:timers/promises";

import { type AskOptions, type Conversation, conversation } from "../client/conversation.ts";
import { events } from "../client/events.ts";
import { type Measure, median, type Row } from "../figures.ts";
import { profiled, type Stage } from "../stage.ts";

const history = 20;
const now = { tokens: 10, firstMs: 0, everyMs: 5, gated: false };
const later = { ...now, firstMs: 200 };
const earlier = { tokens: 60, firstMs: 0, everyMs: 0, gated: false };
/** The local classifier is confident about it, and chooses the engine `simple`. */
const routed = "thanks!";
const samples = { now: 12, later: 3, remembering: 3 };

/** One turn at a time: the time from sending the message to the first piece of the answer. */
export function firstDelta(stage: Stage): Row {
  async function direct(pace: object): Promise<number> {
    const content = `bench ${JSON.stringify(pace)}`;
    const body = JSON.stringify({ model: "bench", stream: true, messages: [{ role: "user", content }] });
    const began = performance.now();
    const url = `${(await stage.model()).url}/v1/chat/completions`;
    const response = await fetch(url, { method: "POST", body, headers: { "content-type": "application/json" } });
    let first = Number.NaN;
    for await (const _ of events(response)) first = Number.isNaN(first) ? performance.now() - began : first;
    return first;
  }

  async function through(conversations: Conversation[], pace: object, options?: AskOptions): Promise<number> {
    const times: number[] = [];
    for (const one of conversations) {
      const began = performance.now();
      const turn = one.ask(pace, options);
      await turn.first;
      times.push(performance.now() - began);
      await turn.ended;
      await sleep(20);
    }
    return median(times);
  }

  async function directly(count: number, pace: object): Promise<number> {
    const times: number[] = [];
    for (let at = 0; at < count; at += 1) {
      times.push(await direct(pace));
      await sleep(20);
    }
    return median(times);
  }

  const fresh = (url: string, count: number) => Promise.all(Array.from({ length: count }, () => conversation(url)));

  async function remembering(url: string, count: number): Promise<Conversation[]> {
    const conversations = await fresh(url, count);
    for (let turn = 0; turn < history; turn += 1) await Promise.all(conversations.map((one) => one.ask(earlier).ended));
    await sleep(50);
    return conversations;
  }

  return {
    title: "Time to the first delta, one turn at a time (bare: the model server's events read with fetch)",
    async round() {
      const [relay, server] = [await stage.relay(), await stage.server()];
      const bare = await directly(samples.now, now);
      const relayed = await through(await fresh(relay.url, samples.now), now);
      const conversations = await fresh(server.url, samples.now);
      const served = await profiled(stage, server, "first-delta", () => through(conversations, now));
      const other = await fresh(server.url, samples.now);
      const servedRouted = await through(other, now, { routed });
      const known = await remembering(server.url, samples.remembering);
      const servedKnown = await through(known, now);
      const bareLater = await directly(samples.later, later);
      const servedLater = await through(await fresh(server.url, samples.later), later);
      const knownLater = await remembering(server.url, samples.remembering);
      const servedKnownLater = await through(knownLater, later);
      for (const one of [...conversations, ...other, ...known, ...knownLater]) one.close();
      const added = (name: string, bare: number, server: number, goal?: string): Measure => {
        return { name, unit: "ms", bare, server, by: "difference", goal };
      };
      return [
        added("model answers at once, new conversation", bare, served, "≤ 3.5"),
        added(`model answers at once, after ${history} turns`, bare, servedKnown, "≤ 3.5"),
        added("model answers after 200 ms, new conversation", bareLater, servedLater, "≤ 3.5"),
        added(`model answers after 200 ms, after ${history} turns`, bareLater, servedKnownLater, "≤ 3.5"),
        added("routed by the local classifier, against an engine chosen by the client", served, servedRouted, "≤ 1"),
        added("for comparison: the bare relay, model answers at once", bare, relayed),
      ];
    },
  };
}
