import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { simple } from "../support/conversation.ts";
import { gate, isStructured, isText } from "../support/model-server.ts";
import { type FrameV2, rawClient } from "../support/raw-client.ts";
import { start } from "../support/start.ts";

const topic = "conversation:c";
let server: Awaited<ReturnType<typeof start>>;

beforeEach(async () => {
  server = await start();
});
afterEach(() => server.close());

/** Closes the server at once and starts it again. Clients have to reconnect. */
async function restartUnder(client: Awaited<ReturnType<typeof server.connect>>): Promise<void> {
  await Promise.all([server.restart(), client.closed()]);
  client.socket.disconnect();
}

/** A turn whose answer stalls after its first word. */
async function hangingTurn() {
  const client = await server.connect();
  const conversation = await client.join("c");
  server.model.nextFor(isText, { text: "one two", stallAfter: 1 });
  const { response } = await conversation.push("message", { content: "Go", ...simple });
  await conversation.next("response_delta");
  return { client, conversation, turnId: response.turn_id };
}

describe("a restart", () => {
  it("a restart keeps session, context, history and memory", async () => {
    const client = await server.connect();
    const conversation = await client.join("c");
    await conversation.push("set_context", { context: { language: "elixir", __proto__: null } });
    await conversation.ask("One", simple);
    const { turnId } = await conversation.ask("Two", { ...simple, id: "mine" });
    const { response: before } = await conversation.push("get_history");
    await restartUnder(client);

    await using again = await server.connect();
    const back = await again.join("c");
    expect(back.joins[0]).toMatchObject({ session_id: conversation.joins[0]?.session_id, last_turn_id: turnId });
    expect((await back.push("get_history")).response).toEqual(before);
    expect((await back.push("set_context", { context: {} })).response.context).toEqual({ language: "elixir" });
    const repeated = await back.push("message", { content: "Two", id: "mine" });
    expect(repeated.response).toMatchObject({ turn_id: turnId, duplicate: true });
    await back.ask("Three", simple);
    const { messages, system } = server.model.requests.at(-1) ?? {};
    expect(messages?.map(({ content }) => content).slice(1)).toEqual([
      "One",
      "Answer to: One",
      "Two",
      "Answer to: Two",
      "Three",
    ]);
    expect(system).toContain("elixir");
  });

  it("a restart keeps the owners of conversations", async () => {
    const client = await server.connect();
    await client.join("c");
    await restartUnder(client);
    await using other = await server.connect({ apiKey: "key-b" });
    await expect(other.join("c")).rejects.toMatchObject({ response: { reason: "not_found" } });
  });

  it("a restart in mid-turn finishes the turn, and a client without a cursor gets its response once", async () => {
    const { client, turnId } = await hangingTurn();
    const door = gate();
    server.model.nextFor(isText, { text: "one two three", gate: door });
    await restartUnder(client);
    await server.model.waitForRequest(2);
    await using again = await server.connect();
    const back = await again.join("c");
    expect(back.joins[0]?.running_turn).toMatchObject({ turn_id: turnId, query: "Go" });
    door.open();
    const { terminal, text } = await back.turn(turnId);
    expect(terminal.payload).toMatchObject({
      response: "one two three",
      metadata: { usage: { llm_calls: expect.any(Number) } },
    });
    expect(terminal.payload.metadata).not.toHaveProperty("redelivered");
    expect(text).toBe("one two three");
    expect(back.terminals(turnId)).toHaveLength(1);
    await back.ask("Next", simple);
    const roles = server.model.requests.at(-1)?.messages.map(({ role }) => role);
    expect(roles).toEqual(["system", "user", "assistant", "user"]);
  });

  it("a restart in mid-turn makes a client with a cursor restart the text", async () => {
    const { client, turnId } = await hangingTurn();
    const door = gate();
    server.model.nextFor(isText, { text: "another answer", gate: door });
    await restartUnder(client);
    await server.model.waitForRequest(2);
    door.release();
    await using again = await server.connect();
    const back = await again.join("c", { resume: { turn_id: turnId, offset: 3 } });
    door.open();
    const { deltas, text } = await back.turn(turnId);
    expect(deltas[0]).toMatchObject({ offset: 0, restart: true });
    expect(text).toBe("another answer");
  });

  it("a restart runs the queued turns in their order", async () => {
    const { client, conversation, turnId } = await hangingTurn();
    const waiting = [];
    for (const content of ["a", "b", "c"])
      waiting.push((await conversation.push("message", { content, ...simple })).response.turn_id);
    await restartUnder(client);
    await using again = await server.connect();
    const back = await again.join("c");
    await back.turn(waiting.at(-1) ?? "");
    const ended = back.events.filter(({ event }) => event === "response").map(({ payload }) => payload.turn_id);
    expect(ended).toEqual([turnId, ...waiting]);
  });

  it("a restart repeats no finished step, and llm_calls counts every request", async () => {
    const client = await server.connect();
    const conversation = await client.join("c");
    server.model.nextFor(isText, { stallAfter: "request" });
    const { response } = await conversation.push("message", { content: "Go", options: { engine: "analysis" } });
    await server.model.waitForRequest(isText);
    await restartUnder(client);
    await using again = await server.connect();
    const { terminal } = await (await again.join("c")).turn(response.turn_id);
    expect(server.model.requests.filter(isStructured)).toHaveLength(1);
    expect(server.model.requests.filter(isText)).toHaveLength(2);
    expect(terminal.payload.metadata).toMatchObject({ analysis_points: expect.any(Array) });
    expect(terminal.payload.metadata.usage.llm_calls).toBeGreaterThanOrEqual(2);
  });

  it("a turn interrupted by four clean restarts still gets its answer", async () => {
    const { client, turnId } = await hangingTurn();
    server.model.nextFor(isText, { stallAfter: 0 }, { stallAfter: 0 }, { stallAfter: 0 });
    await restartUnder(client);
    for (const calls of [2, 3, 4]) {
      await server.model.waitForRequest(calls, 1500);
      await server.restart();
    }
    await using again = await server.connect();
    expect((await (await again.join("c")).turn(turnId)).terminal).toMatchObject({ event: "response" });
  });
});

describe("a terminal event", () => {
  const isEnd = ([, , , event]: FrameV2) => event === "response" || event === "error";

  async function answered() {
    const client = await rawClient(server.url, { params: { api_key: "key-a" } });
    client.send(["1", "1", topic, "phx_join", {}]);
    client.send(["1", "2", topic, "message", { content: "Hi", ...simple }]);
    await client.next(isEnd);
    return client;
  }

  async function returned(payload: object = {}) {
    await using client = await rawClient(server.url, { params: { api_key: "key-a" } });
    client.send(["1", "1", topic, "phx_join", payload]);
    client.send(["1", "2", topic, "typing", { typing: false }]);
    await client.next(([, ref]) => ref === "2");
    return client.frames.filter(isEnd).map(({ 4: body }) => body);
  }

  it("a terminal event that was not acknowledged is redelivered, also after a restart", async () => {
    (await answered()).terminate();
    expect(await returned()).toMatchObject([{ response: "Answer to: Hi", metadata: { redelivered: true } }]);
    await server.restart();
    expect(await returned()).toMatchObject([{ response: "Answer to: Hi", metadata: { redelivered: true } }]);
  });

  it("a terminal event that a heartbeat acknowledged is not redelivered", async () => {
    const client = await answered();
    for (const ref of ["h1", "h2", "h3"]) {
      client.send([null, ref, "phoenix", "heartbeat", {}]);
      await client.next(([, one]) => one === ref);
    }
    client.terminate();
    expect(await returned()).toEqual([]);
    await server.restart();
    expect(await returned()).toEqual([]);
  });

  it("a terminal event followed by only one heartbeat is redelivered", async () => {
    const client = await answered();
    client.send([null, "h1", "phoenix", "heartbeat", {}]);
    await client.next(([, ref]) => ref === "h1");
    client.terminate();
    expect(await returned()).toHaveLength(1);
  });

  it("a terminal event is redelivered if the cursor is before it, and not if it is at it", async () => {
    const client = await answered();
    const turn_id = client.frames.find(isEnd)?.[4].turn_id;
    client.terminate();
    expect(await returned({ resume: { turn_id } })).toEqual([]);
    expect(await returned({ resume: { turn_id, offset: 2 } })).toMatchObject([{ turn_id }]);
  });
});
