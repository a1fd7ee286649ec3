import { type Channel, Socket } from "phoenix";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import type { EventPayload, Joined } from "./support/payload.ts";
import { start } from "./support/start.ts";

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const server = await start();
const sockets: Socket[] = [];

beforeEach(() => server.model.reset());
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});
afterAll(() => server.close());

/** The document's connection, in Node. */
function connect(): Socket {
  // The types know only the browser's own WebSocket.
  const socket = new Socket(server.url, { params: { api_key: "key-a" }, transport: WebSocket as never });
  sockets.push(socket);
  socket.connect();
  return socket;
}

function joined(channel: Channel): Promise<Joined> {
  const { promise, resolve, reject } = Promise.withResolvers<Joined>();
  channel
    .join()
    .receive("ok", (resp) => resolve(resp))
    .receive("error", (resp) => reject(new Error(`Failed to join ${JSON.stringify(resp)}`)));
  return promise;
}

async function conversation(params: object = {}): Promise<Channel> {
  const channel = connect().channel(`conversation:${crypto.randomUUID()}`, params);
  await joined(channel);
  return channel;
}

/** The next such event, as a handler of the document's kind sees it. */
function once<Event extends string>(channel: Channel, event: Event): Promise<EventPayload<Event>> {
  const { promise, resolve } = Promise.withResolvers<EventPayload<Event>>();
  const ref = channel.on(event, (payload: EventPayload<Event>) => {
    channel.off(event, ref);
    resolve(payload);
  });
  return promise;
}

async function say(channel: Channel, message: object): Promise<EventPayload<"response">> {
  const response = once(channel, "response");
  channel.push("message", message);
  return await response;
}

describe("Connection", () => {
  it("the original's client joins with a user id and preferences, and learns its session", async () => {
    const channel = connect().channel(`conversation:${crypto.randomUUID()}`, {
      user_id: "user-a",
      preferences: { temperature: 0.7, max_tokens: 2000 },
    });
    const resp = await joined(channel);
    expect(resp).toMatchObject({ conversation_id: channel.topic.slice("conversation:".length), user_id: "user-a" });
    expect(resp.session_id).toMatch(/./);
    expect(resp.warnings).toEqual([]);
    await say(channel, { content: "Hello!" });
    const sent = server.model.requests.at(-1)?.body;
    expect(sent).toMatchObject({ temperature: 0.7 });
    expect(sent?.max_tokens ?? sent?.max_completion_tokens).toBe(2000);
  });

  it("the original's client learns why a join failed", async () => {
    await expect(joined(connect().channel("conversation:not an id"))).rejects.toThrow("invalid_payload");
  });
});

describe("Message types", () => {
  it("the original's message with context, options and llm_config gets thinking and a response", async () => {
    server.model.answer(({ structured }) => (structured ? undefined : "Use the GenServer behaviour."));
    const channel = await conversation();
    const thinking = once(channel, "thinking");
    const response = say(channel, {
      content: "How do I implement a GenServer?",
      context: { skill_level: "beginner", language: "elixir" },
      options: { include_examples: true },
      llm_config: { temperature: 0.8, max_tokens: 3000 },
    });
    await thinking;
    expect(await response).toMatchObject({
      query: "How do I implement a GenServer?",
      response: "Use the GenServer behaviour.",
      conversation_type: "simple",
      routed_to: "simple_conversation",
      timestamp: expect.stringMatching(iso),
      metadata: { processing_time: expect.any(Number), model_used: "test-model" },
    });
    const asked = server.model.requests.at(-1);
    for (const word of ["skill_level", "beginner", "elixir", "include_examples"]) expect(asked?.system).toContain(word);
    expect(asked?.body.temperature).toBe(0.8);
  });

  it("the original's new_conversation starts a session without context or history", async () => {
    const channel = connect().channel(`conversation:${crypto.randomUUID()}`);
    const { session_id } = await joined(channel);
    channel.push("set_context", { context: { secret_project: "phoenix" } });
    const reset = once(channel, "conversation_reset");
    channel.push("new_conversation", {});
    const data = await reset;
    expect(data.session_id).toMatch(/./);
    expect(data.session_id).not.toBe(session_id);
    await say(channel, { content: "What now?" });
    expect(server.model.requests.at(-1)?.rawBody).not.toContain("secret_project");
  });

  it("the original's set_context is confirmed", async () => {
    const channel = await conversation();
    const updated = once(channel, "context_updated");
    const context = { project_type: "phoenix", database: "postgresql", deployment: "kubernetes" };
    channel.push("set_context", { context });
    expect((await updated).context).toEqual(context);
  });

  it("the original's typing indicator is accepted", async () => {
    const channel = await conversation();
    const { promise, resolve } = Promise.withResolvers();
    channel.push("typing", { typing: true }).receive("ok", resolve);
    expect(await promise).toEqual({});
  });

  it("the original's errors are events with message and details", async () => {
    const channel = await conversation();
    const error = once(channel, "error");
    channel.push("message", { content: "" });
    expect(await error).toMatchObject({ message: expect.stringMatching(/./), details: { code: "invalid_payload" } });
  });
});

describe("Advanced usage", () => {
  it("the original's llm_config reaches the model", async () => {
    const channel = await conversation();
    const llm_config = { model: "gpt-4", temperature: 0.2, max_tokens: 4000, top_p: 0.9 };
    const response = await say(channel, { content: "Explain this code", llm_config });
    expect(response.metadata.model_used).toBe("gpt-4");
    const body = server.model.requests.at(-1)?.body;
    expect({ max_tokens: body?.max_completion_tokens, ...body }).toMatchObject(llm_config);
  });

  it("the original's preferences reach the model", async () => {
    const preferences = {
      response_style: "concise",
      include_sources: true,
      language: "en",
      timezone: "America/New_York",
    };
    const channel = await conversation({ preferences });
    await say(channel, { content: "Explain this code" });
    for (const word of ["response_style", "concise", "include_sources", "America/New_York"])
      expect(server.model.requests.at(-1)?.system).toContain(word);
  });
});
