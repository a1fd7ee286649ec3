import { describe, expect } from "vitest";

import { it } from "../support/fixture.ts";
import { type FrameV2, rawClient } from "../support/raw-client.ts";

const id = "Secret.Plan:2026";
const secret = "the treasure is under the oak";
it.beforeAll(async ({ shared: server }) => {
  await using owner = await server.connect({ apiKey: "key-a" });
  const conversation = await owner.join(`conversation:${id}`);
  await conversation.push("set_context", { context: { secret } });
  await conversation.ask(secret, { options: { engine: "simple" } });
});

async function tryJoin(client: Awaited<ReturnType<typeof rawClient<FrameV2>>>, topic: string, payload: object = {}) {
  client.send(["1", "1", topic, "phx_join", payload]);
  const { status, response } = (await client.next(([, ref]) => ref === "1"))[4];
  return { status, response };
}

/** Other spellings of the id: invalid ids or other conversations, but never A's. */
const spellings = [
  id.toLowerCase(),
  id.toUpperCase(),
  "Secret%2EPlan:2026",
  "Secret.Plan%3A2026",
  encodeURIComponent(id),
  `${id}:`,
  `:${id}`,
  `${id} `,
  ` ${id}`,
  `${id}\n`,
  `${id}\r\n`,
  `${id}\0`,
  `${id}\u200b`,
  `${id}%00`,
  `${id}/`,
  `./${id}`,
  `${id}?`,
  `${id}#`,
  "Ｓecret.Plan:2026",
  "Secret．Plan:2026",
  "Sеcret.Plan:2026", // a Cyrillic е
  "ſecret.Plan:2026",
  "Secret.Plan:２０２６",
  `conversation:${id}`,
  `${id}*`,
  `Secret.Plan:%`,
  `${id}' OR '1'='1`,
];

describe("user B", () => {
  it("another user's conversation is not_found, whatever the join says", async ({ server }) => {
    const answers: unknown[] = [];
    const payloads = [{}, { user_id: "user-b" }, { resume: { turn_id: "x" } }, { preferences: { language: "en" } }];
    for (const payload of payloads) {
      await using client = await rawClient(server.url, { params: { api_key: "key-b" } });
      answers.push(await tryJoin(client, `conversation:${id}`, payload));
    }
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: "error", response: { reason: "not_found" } });
      expect(answer).toEqual(answers[0]);
      expect(JSON.stringify(answer)).not.toMatch(/user-a|owner|secret|treasure/i);
    }
  });

  it("a user cannot join as another user", async ({ server }) => {
    await using client = await rawClient(server.url, { params: { api_key: "key-b" } });
    const answer = await tryJoin(client, `conversation:${id}`, { user_id: "user-a" });
    expect(answer).toMatchObject({ status: "error", response: { reason: "unauthorized" } });
    await using any = await rawClient(server.url, { params: { api_key: "key-any" } });
    const other = await tryJoin(any, `conversation:${id}`, { user_id: "user-c" });
    expect(other).toMatchObject({ status: "error", response: { reason: "not_found" } });
  });

  it.for(spellings)("another user's conversation is not found as %j", async (spelling, { server }) => {
    await using client = await rawClient(server.url, { params: { api_key: "key-b" } });
    const topic = `conversation:${spelling}`;
    const { status, response } = await tryJoin(client, topic);
    expect(JSON.stringify(response)).not.toContain("treasure");
    if (status === "error") return expect(response?.reason).toMatch(/^(invalid_payload|not_found)$/);
    expect(response).toMatchObject({ conversation_id: spelling, user_id: "user-b", last_turn_id: null });
    client.send(["1", "2", topic, "get_history", {}]);
    expect((await client.next(([, ref]) => ref === "2"))[4].response).toMatchObject({ turns: [] });
  });

  it("after a refused join pushes are refused, and no events arrive", async ({ server }) => {
    await using owner = await server.connect({ apiKey: "key-a" });
    const conversation = await owner.join(`conversation:${id}`);
    await using client = await rawClient(server.url, { params: { api_key: "key-b" } });
    const topic = `conversation:${id}`;
    await tryJoin(client, topic);
    const pushes = ["message", "get_history", "set_context", "stop", "new_conversation", "typing", "phx_leave"];
    for (const [index, event] of pushes.entries()) {
      client.send(["1", String(index + 2), topic, event, { content: "x", context: { a: 1 }, typing: true }]);
    }
    await client.next(([, ref]) => ref === String(pushes.length + 1));
    await conversation.ask("More.", { options: { engine: "simple" } });
    const history = await conversation.push("get_history");
    expect(history.response.turns).toHaveLength(2);
    client.send([null, "h", "phoenix", "heartbeat", {}]);
    await client.next(([, ref]) => ref === "h");
    const statuses = client.frames
      .filter(([, , at]) => at === topic)
      .map(([, , , event, { status }]) => `${event} ${status}`);
    expect(new Set(statuses.slice(0, -1))).toEqual(new Set(["phx_reply error"]));
  });
});

it("if two users join a new conversation at once, only one gets it", async ({ server }) => {
  for (let round = 0; round < 10; round += 1) {
    const topic = `conversation:race-${round}`;
    await using a = await rawClient(server.url, { params: { api_key: "key-a" } });
    await using b = await rawClient(server.url, { params: { api_key: "key-b" } });
    const [one, other] = await Promise.all([tryJoin(a, topic), tryJoin(b, topic)]);
    expect([one.status, other.status].toSorted()).toEqual(["error", "ok"]);
  }
});
