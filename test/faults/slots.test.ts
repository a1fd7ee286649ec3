import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";

import type { Client, Conversation } from "../support/client.ts";
import type { Gate } from "../support/gate.ts";
import { gate, type ModelRequest, type ModelServer, startModelServer } from "../support/model-server.ts";
import { start } from "../support/start.ts";
import { databaseFile } from "./database-file.ts";

const unlimited = { RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_PUSHES: "0", RATE_LIMIT_JOINS: "0" };
const simple = { options: { engine: "simple" } };

/** Holds every answer behind its own gate, except those to `free` questions. */
function doors(model: ModelServer, free: string[] = []) {
  const all = new Map<string, Gate>();
  const open = new Set<ModelRequest>();
  let most = 0;
  const doorOf = (question: string) => {
    const door = all.get(question) ?? gate();
    all.set(question, door);
    return door;
  };
  model.answer((request) => {
    open.add(request);
    most = Math.max(most, open.size);
    void request.closed.then(() => open.delete(request));
    return { text: "ok", ...(!free.includes(request.user) && { gate: doorOf(request.user) }) };
  });
  return {
    open: (question: string) => doorOf(question).open(),
    /** The questions asked so far, in order. */
    asked: () => model.requests.map(({ user }) => user).filter((question) => !free.includes(question)),
    /** The highest number of concurrent requests. */
    most: () => most,
  };
}

/** Asks the questions one after the other, each in a new conversation. */
async function askAll(questions: string[], join: (question: string) => Promise<Conversation>) {
  const turns: { conversation: Conversation; turnId: string; stage: Promise<string> }[] = [];
  for (const content of questions) {
    const conversation = await join(content);
    const { status, response } = await conversation.push("message", { content, ...simple });
    expect({ status, position: response.position }).toEqual({ status: "ok", position: 0 });
    const stage = conversation.next("thinking").then((first) => first.stage);
    turns.push({ conversation, turnId: response.turn_id, stage });
  }
  return turns;
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `question ${index + 1}`);

/** Expects that this many questions run at first, and that each answer starts exactly the next one. */
async function expectTheirTurns(
  questions: string[],
  limit: number,
  turns: Awaited<ReturnType<typeof askAll>>,
  held: ReturnType<typeof doors>,
  model: ModelServer,
): Promise<void> {
  for (const [index, { stage }] of turns.entries()) expect(await stage).toBe(index < limit ? "accepted" : "queued");
  for (const [index, question] of questions.entries()) {
    const running = questions.slice(0, index + limit);
    await model.waitForRequest(({ user }) => user === running.at(-1));
    expect(held.asked()).toEqual(running);
    held.open(question);
    const { conversation, turnId } = turns[index] ?? {};
    expect((await conversation?.turn(turnId ?? ""))?.terminal).toMatchObject({ event: "response" });
  }
  expect(held.most()).toBeLessThanOrEqual(limit + 1);
}

describe("turns that run at the same time", () => {
  it("are limited per user: further turns are queued and run in order, and other users do not wait", async () => {
    await using server = await start({ ...unlimited, MAX_RUNNING_TURNS_PER_USER: "3" });
    await using client = await server.connect();
    await using other = await server.connect({ apiKey: "key-b" });
    const held = doors(server.model, ["free"]);
    const questions = numbered(20);
    const turns = await askAll(questions, () => client.join(randomUUID()));
    const elsewhere = await (await other.join(randomUUID())).ask("free", simple);
    expect(elsewhere.terminal.payload.response).toBe("ok");
    expect(elsewhere.thinking[0]?.stage).toBe("accepted");
    await expectTheirTurns(questions, 3, turns, held, server.model);
  });

  it("are limited in total, and queued turns run in order", async () => {
    await using server = await start({ ...unlimited, MAX_RUNNING_TURNS: "4" });
    await using client = await server.connect({ apiKey: "key-any" });
    const held = doors(server.model);
    const questions = numbered(12);
    const join = (question: string) => client.join(randomUUID(), { user_id: `user of ${question}` });
    const turns = await askAll(questions, join);
    await expectTheirTurns(questions, 4, turns, held, server.model);
  });

  it("make room when one is stopped, and a queued one can be stopped", async () => {
    await using server = await start({ ...unlimited, MAX_RUNNING_TURNS_PER_USER: "1" });
    await using client = await server.connect();
    const held = doors(server.model);
    const [first, second, third] = await askAll(numbered(3), () => client.join(randomUUID()));
    await server.model.waitForRequest(1);
    expect((await second?.conversation.push("stop", { turn_id: second.turnId }))?.response.stopped).toBe(true);
    expect((await second?.conversation.turn(second.turnId))?.terminal.payload.metadata.stopped).toBe(true);
    await first?.conversation.push("stop");
    await server.model.waitForRequest(({ user }) => user === "question 3");
    held.open("question 3");
    expect((await third?.conversation.turn(third.turnId))?.terminal.payload.response).toBe("ok");
    expect(held.asked()).toEqual(["question 1", "question 3"]);
  });
});

describe("a start with 300 unfinished turns", () => {
  /** Each in its own conversation, of a hundred users. */
  async function manyUnfinished(count: number) {
    const file = await databaseFile();
    file.change((database) => {
      const sessions = database.prepare("INSERT INTO sessions (id, conversation_id, created_at) VALUES (?, ?, ?)");
      const conversations = database.prepare(
        "INSERT INTO conversations (id, owner, session_id, created_at) VALUES (?, ?, ?, ?)",
      );
      const turns = database.prepare(`
        INSERT INTO turns (id, conversation_id, session_id, user_id, status, accepted_at, request)
        SELECT ?, ?, ?, ?, 'queued', accepted_at, json_set(request, '$.query', ?) FROM turns WHERE seq = 1`);
      const now = new Date().toISOString();
      for (const question of numbered(count)) {
        const [id, session, user] = [randomUUID(), randomUUID(), `user-${question.length}-${question.slice(-2)}`];
        sessions.run(session, id, now);
        conversations.run(id, user, session, now);
        turns.run(randomUUID(), id, session, user, question);
      }
    });
    return file;
  }

  async function askedBySomebodyElse(client: Client): Promise<void> {
    const { terminal } = await (await client.join(randomUUID())).ask("free", simple);
    expect(terminal.payload.response).toBe("ok");
  }

  it("recovers a few at a time, lets new messages go first, and ends all turns", {
    timeout: 30_000,
  }, async () => {
    const count = 300;
    using file = await manyUnfinished(count);
    await using model = await startModelServer();
    const held = doors(model, ["free"]);
    await using server = await start({ ...unlimited, ...file.env, OPENAI_BASE_URL: model.url });
    await using client = await server.connect();
    await model.waitForRequest(1);
    for (let time = 1; time <= 3; time += 1) await askedBySomebodyElse(client);
    for (const question of numbered(count)) held.open(question);
    const unfinished = "SELECT count(*) FROM turns WHERE status IN ('queued', 'running')";
    await expect.poll(() => file.read(unfinished), { timeout: 25_000 }).toEqual([0]);
    expect(file.read("SELECT DISTINCT status FROM turns")).toEqual(["completed"]);
    expect(held.asked().toSorted()).toEqual(numbered(count).toSorted());
    expect(held.most()).toBeLessThan(100);
  });
});
