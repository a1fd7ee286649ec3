import { type Channel, Socket } from "phoenix";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { type ModelRequest, smartReply } from "./support/model-server.ts";
import type { Payload } from "./support/payload.ts";
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

function joined(channel: Channel): Promise<Payload> {
  const { promise, resolve, reject } = Promise.withResolvers<Payload>();
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
function once(channel: Channel, event: string): Promise<Payload> {
  const { promise, resolve } = Promise.withResolvers<Payload>();
  const ref = channel.on(event, (payload: Payload) => {
    channel.off(event, ref);
    resolve(payload);
  });
  return promise;
}

const properties = (request: ModelRequest) => Object.entries(request.schema?.properties ?? {});
const isRouting = (request: ModelRequest) =>
  properties(request).some(([, { enum: values }]) => values?.includes("simple"));

/** Routes to this engine, finds these things, and answers with this text. */
function script({ type, found = {}, text }: { type?: string; found?: object; text: string }): void {
  server.model.answer((request) => {
    if (isRouting(request)) return { json: { ...Object(smartReply(request).json), type } };
    if (!request.structured) return text;
    return { json: { ...Object(smartReply(request).json), ...found } };
  });
}

describe("Connection", () => {
  it("joins with a user id and preferences, and says which session this is", async () => {
    const channel = connect().channel(`conversation:${crypto.randomUUID()}`, {
      user_id: "user-a",
      preferences: { temperature: 0.7, max_tokens: 2000 },
    });
    const resp = await joined(channel);
    expect(resp).toMatchObject({ conversation_id: channel.topic.slice("conversation:".length), user_id: "user-a" });
    expect(resp.session_id).toMatch(/./);
    expect(resp.warnings).toEqual([]);
    const response = once(channel, "response");
    channel.push("message", { content: "Hello!" });
    await response;
    const sent = server.model.requests.at(-1)?.body;
    expect(sent).toMatchObject({ temperature: 0.7 });
    expect(sent?.max_tokens ?? sent?.max_completion_tokens).toBe(2000);
  });

  it("tells a join that fails why", async () => {
    await expect(joined(connect().channel("conversation:not an id"))).rejects.toThrow("invalid_payload");
  });
});

describe("Message types", () => {
  it("takes a message with context, options and llm_config: thinking, then the response", async () => {
    script({ type: "simple", text: "Use the GenServer behaviour." });
    const channel = await conversation();
    const thinking = once(channel, "thinking");
    const response = once(channel, "response");
    channel.push("message", {
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

  it("starts a fresh conversation: a new session without context or history", async () => {
    const channel = connect().channel(`conversation:${crypto.randomUUID()}`);
    const { session_id } = await joined(channel);
    channel.push("set_context", { context: { secret_project: "phoenix" } });
    const reset = once(channel, "conversation_reset");
    channel.push("new_conversation", {});
    const data = await reset;
    expect(data.session_id).toMatch(/./);
    expect(data.session_id).not.toBe(session_id);
    const response = once(channel, "response");
    channel.push("message", { content: "What now?" });
    await response;
    expect(server.model.requests.at(-1)?.rawBody).not.toContain("secret_project");
  });

  it("updates the context and confirms it", async () => {
    const channel = await conversation();
    const updated = once(channel, "context_updated");
    const context = { project_type: "phoenix", database: "postgresql", deployment: "kubernetes" };
    channel.push("set_context", { context });
    expect((await updated).context).toEqual(context);
  });

  it("takes a typing indicator", async () => {
    const channel = await conversation();
    const { promise, resolve } = Promise.withResolvers();
    channel.push("typing", { typing: true }).receive("ok", resolve);
    expect(await promise).toEqual({});
  });

  it("reports errors as an event with message and details", async () => {
    const channel = await conversation();
    const error = once(channel, "error");
    channel.push("message", { content: "" });
    expect(await error).toMatchObject({ message: expect.stringMatching(/./), details: { code: "invalid_payload" } });
  });
});

describe("Example conversations", () => {
  async function say(channel: Channel, message: object): Promise<Payload> {
    const response = once(channel, "response");
    channel.push("message", message);
    return await response;
  }

  it("answers a simple query", async () => {
    script({ type: "simple", text: "Pattern matching in Elixir is a powerful feature" });
    expect(await say(await conversation(), { content: "What is pattern matching in Elixir?" })).toMatchObject({
      response: "Pattern matching in Elixir is a powerful feature",
      conversation_type: "simple",
      routed_to: "simple_conversation",
    });
  });

  it("generates code with its plan", async () => {
    const plan = [
      "Define the GenServer module",
      "Implement init/1 callback",
      "Add API functions",
      "Implement callbacks",
    ];
    const code = "defmodule ShoppingCart do\n  use GenServer\nend";
    script({
      found: { steps: plan },
      text: `Here's a GenServer:\n\n\`\`\`elixir\n${code}\n\`\`\`\n`,
      type: "generation",
    });
    expect(
      await say(await conversation(), { content: "Generate a GenServer that manages a shopping cart" }),
    ).toMatchObject({
      response: expect.stringContaining("Here's a GenServer"),
      conversation_type: "generation",
      routed_to: "generation_conversation",
      metadata: { generated_code: code, implementation_plan: plan },
    });
  });

  it("answers a follow-up from the turns before", async () => {
    const channel = await conversation();
    script({ type: "simple", text: "A Task runs once; a GenServer stays." });
    await say(channel, { content: "What's the difference between Task and GenServer?" });
    script({ type: "multi_step", text: "Based on our previous discussion" });
    expect(await say(channel, { content: "When should I use each one?" })).toMatchObject({
      response: "Based on our previous discussion",
      conversation_type: "multi_step",
      routed_to: "multi_step_conversation",
    });
    expect(server.model.requests.at(-1)?.rawBody).toContain("A Task runs once; a GenServer stays.");
  });

  it("solves a problem: root cause and steps", async () => {
    const root_cause = "The GenServer is likely blocked by a long-running operation";
    const solution_steps = ["Check if handle_call is doing heavy computation", "Consider using handle_cast"];
    script({ type: "problem_solving", found: { root_cause, solution_steps }, text: "Let's debug this step by step" });
    const context = { error_message: "** (exit) exited in: GenServer.call(..., 5000)" };
    expect(
      await say(await conversation(), { content: "My GenServer keeps crashing with a timeout error", context }),
    ).toMatchObject({
      response: "Let's debug this step by step",
      conversation_type: "problem_solving",
      routed_to: "problem_solver",
      metadata: { root_cause, solution_steps },
    });
    expect(server.model.requests.at(-1)?.system).toContain("exited in: GenServer.call");
  });
});

describe("Advanced usage", () => {
  it("sends a custom LLM configuration to the model", async () => {
    const channel = await conversation();
    const response = once(channel, "response");
    const llm_config = { model: "gpt-4", temperature: 0.2, max_tokens: 4000, top_p: 0.9 };
    channel.push("message", { content: "Explain this code", llm_config });
    expect((await response).metadata.model_used).toBe("gpt-4");
    const body = server.model.requests.at(-1)?.body;
    expect({ max_tokens: body?.max_completion_tokens, ...body }).toMatchObject(llm_config);
  });

  it("offers conversation preferences to the model", async () => {
    const preferences = {
      response_style: "concise",
      include_sources: true,
      language: "en",
      timezone: "America/New_York",
    };
    const channel = await conversation({ preferences });
    const response = once(channel, "response");
    channel.push("message", { content: "Explain this code" });
    await response;
    for (const word of ["response_style", "concise", "include_sources", "America/New_York"])
      expect(server.model.requests.at(-1)?.system).toContain(word);
  });
});
