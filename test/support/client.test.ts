import { expect, it } from "vitest";

import { answerText, connect, JoinRefused, rawClient } from "./client.ts";
import { startPhoenixStub } from "./phoenix-stub.ts";

function stub() {
  return startPhoenixStub(({ event, payload, push, socket }) => {
    switch (event) {
      case "phx_join":
        return payload.secret ? undefined : { session_id: "s1", saw: payload };
      case "message":
        push("thinking", { turn_id: "t1", stage: "accepted" });
        push("response_delta", { turn_id: "t1", offset: 0, text: "lost" });
        push("response_delta", { turn_id: "t0", offset: 0, text: "another turn" });
        push("response_delta", { turn_id: "t1", offset: 0, text: "Hel", restart: true });
        push("response_delta", { turn_id: "t1", offset: 3, text: "lo" });
        push("response", { turn_id: "t1", response: "Hello" });
        return { turn_id: "t1", duplicate: false, position: 0 };
      case "reset":
        push("thinking", { turn_id: "t9", stage: "accepted" });
        push("conversation_reset", { session_id: "s2" });
        return {};
      case "bye":
        socket.close(1012, "restart");
        return {};
      default:
        return undefined;
    }
  });
}

it("the test's client joins, asks and reads a turn", async () => {
  await using server = await stub();
  await using client = await connect(server.url, { apiKey: "k" });
  const conversation = await client.join("c1", { user_id: "u" });
  expect(conversation.joins).toEqual([{ session_id: "s1", saw: { user_id: "u" } }]);
  const turn = await conversation.ask("hi");
  expect(turn).toMatchObject({
    reply: { turn_id: "t1" },
    text: "Hello",
    thinking: [{ stage: "accepted" }],
    terminal: { event: "response", payload: { response: "Hello" } },
  });
  expect(turn.deltas).toHaveLength(3);
  expect(conversation.terminals("t1")).toHaveLength(1);
  await expect(conversation.next("response", undefined, 20)).rejects.toThrow(/no "response"; saw 6 events/);
  expect(await conversation.push("nonsense")).toEqual({ status: "error", response: { reason: "refused" } });
  await conversation.leave();
});

it("the test's client treats a reset as the end of a turn, and keeps the event readable", async () => {
  await using server = await stub();
  await using client = await connect(server.url, { apiKey: "k" });
  const conversation = await client.join("c1");
  await conversation.push("reset");
  expect((await conversation.turn("t9")).terminal.event).toBe("conversation_reset");
  expect(await conversation.next("conversation_reset")).toEqual({ session_id: "s2" });
  expect((await conversation.ask("hi")).terminal.event).toBe("response");
});

it("the test's client reports a refused handshake and a refused join", async () => {
  await using server = await stub();
  await expect(connect(server.url, { apiKey: "wrong" })).rejects.toMatchObject({ status: 401 });
  await using client = await connect(server.url, { apiKey: "k" });
  const refused = client.join("c1", { secret: true });
  await expect(refused).rejects.toBeInstanceOf(JoinRefused);
  await expect(refused).rejects.toMatchObject({ response: { reason: "refused" } });
});

it("the test's client rejoins by itself after the connection drops, with fresh parameters", async () => {
  await using server = await stub();
  await using client = await connect(server.url, { apiKey: "k" });
  let attempt = 0;
  const conversation = await client.join("c1", () => ({ attempt: ++attempt }));
  client.drop();
  await expect.poll(() => conversation.joins.length).toBe(2);
  expect(conversation.joins[1]).toMatchObject({ saw: { attempt: 2 } });
  expect(await client.closed()).toMatchObject({ code: 1006 });
});

it.each(["phoenix-1.5", "phoenix-1.6", "phoenix-1.7", "phoenix-1.8.0"])(
  "the test's client works with %s",
  async (version) => {
    const { Socket } = await import(version);
    await using server = await stub();
    await using client = await connect(server.url, { apiKey: "k", socketClass: Socket });
    expect((await (await client.join("c1")).ask("hi")).text).toBe("Hello");
  },
);

it("the test's raw client sends and receives frames", async () => {
  await using server = await stub();
  await expect(rawClient(server.url)).rejects.toMatchObject({ status: 401 });
  await using client = await rawClient(server.url, { params: { api_key: "k" } });
  client.send(["1", "1", "conversation:c", "phx_join", {}]);
  expect(await client.next()).toEqual([
    "1",
    "1",
    "conversation:c",
    "phx_reply",
    { status: "ok", response: { session_id: "s1", saw: {} } },
  ]);
  client.send(["1", "2", "conversation:c", "message", {}]);
  expect(await client.next(([, , , event]) => event === "response")).toHaveLength(5);
  await expect(client.next(undefined, 20)).rejects.toThrow("no frame");
  client.send(["1", "3", "conversation:c", "bye", {}]);
  expect(await client.waitClose()).toEqual({ code: 1012, reason: "restart" });
});

it("answerText refuses deltas with a gap or an overlap", () => {
  expect(
    answerText([
      { offset: 0, text: "👩" },
      { offset: 2, text: "!" },
    ]),
  ).toBe("👩!");
  expect(() =>
    answerText([
      { offset: 0, text: "ab" },
      { offset: 3, text: "c" },
    ]),
  ).toThrow("offset 3 after 2");
  expect(() =>
    answerText([
      { offset: 0, text: "ab" },
      { offset: 1, text: "c" },
    ]),
  ).toThrow("offset 1 after 2");
});
