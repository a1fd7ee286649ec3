import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { figures, seed, unlimited } from "../reliability/support.ts";
import { gate } from "../support/model-server.ts";
import { size } from "../support/size.ts";
import { start } from "../support/start.ts";
import { seeded, tcpProxy } from "../support/tcp-proxy.ts";
import { eventsOf, page, shown } from "./support.ts";

const server = await start(unlimited);
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { options: { engine: "simple" as const } };

describe("when the connection is lost", () => {
  it("in the middle of an answer, the page resumes where it was", async () => {
    await using mine = page(server.url, randomUUID());
    const tokens = gate();
    server.model.next({ chunks: ["one", " two", " three"], gate: tokens });
    const turn = mine.conversation.ask("Count!", simple);
    const events = eventsOf(turn);
    tokens.release(2);
    await expect.poll(() => mine.named("text").at(-1)?.text).toBe("one two");
    mine.drop();
    await expect.poll(() => mine.named("joined").length).toBe(2);
    tokens.open();
    expect(shown(await events)).toBe("one two three");
    expect(mine.named("text").some(({ restart }) => restart)).toBe(false);
    expect(mine.named("response")).toHaveLength(1);
  });

  it("and the turn ends meanwhile, its whole answer arrives", async () => {
    await using proxy = await tcpProxy(server.http);
    await using mine = page(`${proxy.url.replace("http", "ws")}socket`, randomUUID());
    const tokens = gate();
    server.model.next({ chunks: ["one", " two", " three"], gate: tokens });
    const turn = mine.conversation.ask("Count!", simple);
    tokens.release();
    await expect.poll(() => mine.named("text").at(-1)?.text).toBe("one");
    proxy.stall();
    proxy.cut();
    tokens.open();
    await server.model.requests[0]?.closed;
    proxy.resume();
    expect(shown(await eventsOf(turn))).toBe("one two three");
    await expect(turn.response).resolves.toMatchObject({ response: "one two three" });
    expect(mine.named("response")).toHaveLength(1);
  });

  it("a question asked before there is a connection is sent later", async () => {
    await using proxy = await tcpProxy(server.http);
    proxy.stall();
    await using mine = page(`${proxy.url.replace("http", "ws")}socket`, randomUUID());
    const turn = mine.conversation.ask("Hello?", simple);
    proxy.resume();
    await expect(turn.response).resolves.toMatchObject({ response: "Answer to: Hello?" });
  });

  it("and the conversation is reset meanwhile, the page learns of it when it rejoins", async () => {
    const id = randomUUID();
    await using proxy = await tcpProxy(server.http);
    await using mine = page(`${proxy.url.replace("http", "ws")}socket`, id);
    const tokens = gate();
    server.model.next({ text: "never", gate: tokens });
    const turn = mine.conversation.ask("Hello?", simple);
    await turn.accepted;
    await using other = page(server.url, id);
    proxy.stall();
    proxy.cut();
    const { session_id } = await other.conversation.push("new_conversation", {});
    proxy.resume();
    await expect(turn.response).rejects.toMatchObject({ code: "reset" });
    expect(mine.named("conversation_reset")).toMatchObject([{ session_id }]);
    tokens.open();
  });

  it("again and again, every answer is complete and ends exactly once", { timeout: 120_000 }, async () => {
    const pages = 8;
    const turnsEach = size(2, 25);
    server.model.answer(({ user }) => ({ chunks: chunksOf(user), chunkDelayMs: 6 }));
    const rejoins = await Promise.all(Array.from({ length: pages }, (_, n) => talk(n, turnsEach)));
    const sum = rejoins.reduce((one, other) => one + other);
    figures("typed clients", { seed, turns: pages * turnsEach, rejoins: sum });
    expect(sum).toBeGreaterThan(pages);
  });
});

const chunksOf = (question: string) => Array.from({ length: 30 }, (_, n) => (n % 3 ? ` w${n}` : ` 世界 ${question}`));

/** Runs one page over a faulty connection. Resolves to the number of rejoins. */
async function talk(n: number, turns: number): Promise<number> {
  await using proxy = await tcpProxy(server.http);
  await using mine = page(`${proxy.url.replace("http", "ws")}socket`, `network-${n}-${randomUUID()}`);
  await mine.conversation.joined;
  const faults = proxy.faults({ random: seeded(seed + n), kinds: ["cut", "cut", "stall", "delay", "halfOpen"] });
  for (let turn = 0; turn < turns; turn += 1) {
    const question = `${n}/${turn}`;
    const events = await eventsOf(mine.conversation.ask(question, simple));
    const response = events.at(-1);
    const whole = chunksOf(question).join("");
    expect(response).toMatchObject({ type: "response", query: question, response: whole });
    expect(shown(events)).toBe(whole);
  }
  await faults.stop();
  expect(mine.named("response").map(({ query }) => query)).toEqual(
    Array.from({ length: turns }, (_, turn) => `${n}/${turn}`),
  );
  return mine.named("joined").length - 1;
}
