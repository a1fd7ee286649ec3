import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { watchedServer } from "../reliability/process.ts";
import type { Conversation } from "../support/client.ts";
import { gate, startModelServer } from "../support/model-server.ts";
import type { HistoryTurn } from "../support/payload.ts";
import { size } from "../support/size.ts";
import { start } from "../support/start.ts";
import { databaseFile } from "./database-file.ts";

const unlimited = { RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_PUSHES: "0", RATE_LIMIT_JOINS: "0" };
const simple = { options: { engine: "simple" } };

/** Every turn, page by page from the newest. */
async function walk(conversation: Conversation, limit: number): Promise<{ turns: HistoryTurn[]; pages: number }> {
  const turns: HistoryTurn[] = [];
  for (let pages = 1; ; pages += 1) {
    const before = turns[0]?.turn_id;
    const { status, response } = await conversation.push("get_history", { limit, ...(before && { before }) });
    expect(status).toBe("ok");
    turns.unshift(...response.turns);
    if (!response.has_more) return { turns, pages };
    expect(response.turns.length).toBeGreaterThan(0);
  }
}

describe("a history of many turns with answers of 1 MiB", () => {
  const answers = size(25, 60);
  let file: Awaited<ReturnType<typeof databaseFile>>;

  beforeAll(async () => {
    file = await databaseFile();
    file.change((database) => {
      const insert = database.prepare(`
        INSERT INTO turns (id, conversation_id, session_id, user_id, status, attempt, accepted_at, request, outcome, ended, delivery)
        SELECT ?, conversation_id, session_id, user_id, status, attempt, accepted_at, json_set(request, '$.query', ?),
          json_set(outcome, '$.response', ?), ?, 2 FROM turns WHERE seq = 1`);
      for (let index = 1; index <= answers; index += 1) {
        const response = `${index} `.padEnd(1_048_576, "lorem ipsum ");
        insert.run(randomUUID(), `question ${index}`, response, index + 1);
      }
    });
  });
  afterAll(() => file[Symbol.dispose]());

  it("can be read page by page, without gaps or repeats", async () => {
    await using server = await start({ ...unlimited, ...file.env });
    await using client = await server.connect();
    const { turns, pages } = await walk(await client.join("first"), 200);
    const questions = Array.from({ length: answers }, (_, index) => `question ${index + 1}`);
    expect(turns.map(({ query }) => query)).toEqual(["First?", ...questions]);
    expect(turns.slice(1).map(({ response }) => response.length)).toEqual(questions.map(() => 1_048_576));
    expect(new Set(turns.map(({ turn_id }) => turn_id)).size).toBe(answers + 1);
    expect(pages).toBeGreaterThan(1);
  });

  it("can be read by five devices at once, while other pushes are answered and memory stays flat", async () => {
    await using model = await startModelServer();
    await using server = await watchedServer({ ...unlimited, ...file.env, OPENAI_BASE_URL: model.url, MODEL: "m" });
    await using other = await server.connect();
    const elsewhere = await other.join("elsewhere");
    const devices = await Promise.all(Array.from({ length: 5 }, () => server.connect()));
    const conversations = await Promise.all(devices.map((device) => device.join("first")));
    const { peak } = server.memory();
    let isRead = false;
    const reading = Promise.all(conversations.map((conversation) => readFiveTimes(conversation)));
    const read = reading.finally(() => {
      isRead = true;
    });
    while (!isRead) expect((await elsewhere.push("typing", { typing: true }, 5_000)).status).toBe("ok");
    await read;
    expect(server.memory().peak - peak).toBeLessThan(150);
    await Promise.all(devices.map((device) => device.close()));
  });

  async function readFiveTimes(conversation: Conversation): Promise<void> {
    for (let time = 1; time <= 5; time += 1) {
      const { status, response } = await conversation.push("get_history", { limit: 200 });
      expect(status).toBe("ok");
      expect(response.has_more).toBe(true);
    }
  }
});

describe("a client that returns after a stop, a regenerate and an edit", () => {
  /** Turn A is answered. Turn B is stopped, regenerated, and then edited. */
  async function talked() {
    const server = await start(unlimited);
    const client = await server.connect();
    const conversation = await client.join("c");
    const a = await conversation.ask("A", simple);
    const door = gate();
    server.model.next({ text: "one two", gate: door });
    const { response: b } = await conversation.push("message", { content: "B", ...simple });
    door.release();
    await conversation.next("response_delta", ({ turn_id }) => turn_id === b.turn_id);
    await conversation.push("stop");
    await conversation.turn(b.turn_id);
    const { response: again } = await conversation.push("regenerate");
    await conversation.turn(again.turn_id);
    const { response: newest } = await conversation.push("edit", { turn_id: again.turn_id, content: "B, edited" });
    await conversation.turn(newest.turn_id);
    const ids = { a: a.turnId, b: b.turn_id, again: again.turn_id, newest: newest.turn_id };
    return {
      ids,
      /** The terminal events that another device gets when it joins. */
      async joined(params: object) {
        await using device = await server.connect();
        const joined = await device.join("c", params);
        await joined.next("presence_state");
        return joined.events.filter(({ event }) => event === "response" || event === "error");
      },
      conversation,
      async [Symbol.asyncDispose]() {
        await client.close();
        await server.close();
      },
    };
  }

  it("gets the unacknowledged turns of the history if it has no cursor", async () => {
    await using one = await talked();
    const ends = await one.joined({});
    expect(ends.map(({ payload }) => payload.turn_id)).toEqual([one.ids.a, one.ids.newest]);
    expect(ends.map(({ payload }) => payload.query)).toEqual(["A", "B, edited"]);
    expect(ends[1]?.payload.metadata.replaces).toBe(one.ids.again);
  });

  it("gets the turns of the history that ended after its cursor, wherever that is", async () => {
    await using one = await talked();
    const { a, b, again, newest } = one.ids;
    for (const resume of [{ turn_id: a }, { turn_id: b }, { turn_id: b, offset: 1 }, { turn_id: again, offset: 0 }]) {
      const ends = await one.joined({ resume });
      expect(
        ends.map(({ payload }) => payload.turn_id),
        JSON.stringify(resume),
      ).toEqual([newest]);
      expect(ends[0]?.payload.metadata.replaces).toBe(again);
    }
    expect(await one.joined({ resume: { turn_id: newest } })).toEqual([]);
    const whole = await one.joined({ resume: { turn_id: a, offset: 0 } });
    expect(whole.map(({ payload }) => payload.turn_id)).toEqual([a, newest]);
  });

  it("finds only the remaining turns in the pages of the history", async () => {
    await using one = await talked();
    for (const limit of [1, 2, 50]) {
      const { turns } = await walk(one.conversation, limit);
      expect(turns.map(({ turn_id }) => turn_id)).toEqual([one.ids.a, one.ids.newest]);
    }
  });
});
