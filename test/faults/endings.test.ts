import { randomUUID } from "node:crypto";
import { setImmediate as tick } from "node:timers/promises";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import type { Conversation } from "../support/client.ts";
import { gate, type ModelRequest } from "../support/model-server.ts";
import { type FrameV1, rawClient } from "../support/raw-client.ts";
import { start } from "../support/start.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_JOINS: "0", RATE_LIMIT_PUSHES: "0" });
const client = await server.connect();

beforeEach(() => server.model.reset());
afterAll(async () => {
  await client.close();
  await server.close();
});

const isRepair = ({ system }: ModelRequest) => system.includes("had no code block");

/** Stops a turn this many iterations of the event loop after the last byte of its repair step was sent. */
async function stoppedInRepair(conversation: Conversation, ticks: number) {
  const door = gate();
  server.model.nextFor(isRepair, { chunks: ["```js\nlet x;\n```"], gate: door });
  const { response } = await conversation.push("message", { content: "Write x", options: { engine: "generation" } });
  door.release();
  await server.model.waitForRequest(isRepair);
  await door.held();
  door.open();
  for (let count = 0; count < ticks; count += 1) await tick();
  const stopped = conversation.push("stop", { turn_id: response.turn_id });
  const seen = await conversation.turn(response.turn_id);
  await stopped;
  const { turns } = (await conversation.push("get_history")).response;
  return { ...seen, kept: turns[0] };
}

describe("a stop while the result of a step is being stored", () => {
  it("ends the turn: its response equals its deltas, and no event follows", async () => {
    for (let ticks = 0; ticks < 40; ticks += 1) {
      server.model.reset();
      const conversation = await client.join(randomUUID());
      const { turnId, text, terminal, kept } = await stoppedInRepair(conversation, ticks);
      const events = conversation.events.filter(({ payload }) => payload.turn_id === turnId);
      expect(events.at(-1)?.event, `stopped after ${ticks} ticks`).toBe("response");
      expect(terminal.payload.response, `stopped after ${ticks} ticks`).toBe(text);
      expect(kept).toMatchObject({ turn_id: turnId, response: text });
      await conversation.leave();
    }
  });
});

describe("a model server that counts 1e308 tokens", () => {
  const nonsense = { input: 1e308, output: 1e308 };

  it("does not fail turns or queued ones, and the metrics stay readable", async () => {
    const conversation = await client.join(randomUUID());
    server.model.answer((request) =>
      request.structured ? undefined : { text: `Answer to: ${request.user}`, usage: nonsense },
    );
    const options = { engine: "complex" };
    const ids: string[] = [];
    for (const content of ["one", "two", "three"]) {
      const { status, response } = await conversation.push("message", { content, options });
      expect(status).toBe("ok");
      ids.push(response.turn_id);
    }
    for (const [index, turnId] of ids.entries()) {
      const { terminal, text } = await conversation.turn(turnId);
      const answer = `Answer to: ${["one", "two", "three"][index]}`;
      expect(terminal).toMatchObject({ event: "response", payload: { response: answer } });
      expect(text).toBe(answer);
    }
    const { turns } = (await conversation.push("get_history")).response;
    expect(turns.map(({ status }) => status)).toEqual(["completed", "completed", "completed"]);
    const counts = turns.flatMap(({ metadata }) => Object.values(Object(metadata.usage)));
    expect(counts.length).toBeGreaterThanOrEqual(9);
    expect(counts.filter((count) => !Number.isSafeInteger(count))).toEqual([]);
    const metrics = await fetch(`${server.http}/metrics`);
    expect(metrics.status).toBe(200);
    expect(await metrics.text()).not.toMatch(/^model_tokens_total.*(Inf|NaN|e\+)/m);
  });
});

/** From now on, sending a delta to a member with the V1 serializer throws. */
function brokenSending() {
  const { send } = WebSocket.prototype;
  let thrown = 0;
  Object.assign(WebSocket.prototype, {
    send(this: WebSocket, ...values: Parameters<typeof send>) {
      const [frame] = values;
      if (typeof frame !== "string" || !/^\{.*"response_delta"/.test(frame)) return send.apply(this, values);
      thrown += 1;
      throw new Error("This socket is broken.");
    },
  });
  return {
    get thrown() {
      return thrown;
    },
    [Symbol.dispose]: () => void Object.assign(WebSocket.prototype, { send }),
  };
}

describe("a member whose socket throws", () => {
  it("does not fail the turn, and other members get everything", async () => {
    const id = randomUUID();
    await using victim = await rawClient<FrameV1>(server.url, { vsn: "1.0.0", params: { api_key: "key-a" } });
    victim.send({ topic: `conversation:${id}`, event: "phx_join", payload: {}, ref: "1", join_ref: "1" });
    await victim.next(({ event }) => event === "phx_reply");
    const conversation = await client.join(id);
    using broken = brokenSending();
    const { terminal, text } = await conversation.ask("Hello?", { options: { engine: "simple" } });
    expect(broken.thrown).toBeGreaterThan(0);
    expect(terminal).toMatchObject({ event: "response", payload: { response: "Answer to: Hello?" } });
    expect(text).toBe("Answer to: Hello?");
    const { turns } = (await conversation.push("get_history")).response;
    expect(turns).toMatchObject([{ status: "completed", response: "Answer to: Hello?" }]);
  });
});
