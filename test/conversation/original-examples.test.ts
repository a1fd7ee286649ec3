import { afterAll, beforeEach, describe, expect, it } from "vitest";

import type { Conversation } from "../support/client.ts";
import { type ModelRequest, smartReply } from "../support/model-server.ts";
import type { EventPayload } from "../support/payload.ts";
import { start } from "../support/start.ts";

const server = await start();
const client = await server.connect();
beforeEach(() => server.model.reset());
afterAll(async () => {
  await client.close();
  await server.close();
});

const join = () => client.join(crypto.randomUUID());
const say = async (message: object) => sayOn(await join(), message);

async function sayOn(conversation: Conversation, message: object): Promise<EventPayload<"response">> {
  conversation.channel.push("message", message);
  return await conversation.next("response");
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

describe("Example conversations", () => {
  it("answers a simple query", async () => {
    script({ type: "simple", text: "Pattern matching in Elixir is a powerful feature" });
    expect(await say({ content: "What is pattern matching in Elixir?" })).toMatchObject({
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
    expect(await say({ content: "Generate a GenServer that manages a shopping cart" })).toMatchObject({
      response: expect.stringContaining("Here's a GenServer"),
      conversation_type: "generation",
      routed_to: "generation_conversation",
      metadata: { generated_code: code, implementation_plan: plan },
    });
  });

  it("answers a follow-up from the turns before", async () => {
    const channel = await join();
    script({ type: "simple", text: "A Task runs once; a GenServer stays." });
    await sayOn(channel, { content: "What's the difference between Task and GenServer?" });
    script({ type: "multi_step", text: "Based on our previous discussion" });
    expect(await sayOn(channel, { content: "When should I use each one?" })).toMatchObject({
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
    expect(await say({ content: "My GenServer keeps crashing with a timeout error", context })).toMatchObject({
      response: "Let's debug this step by step",
      conversation_type: "problem_solving",
      routed_to: "problem_solver",
      metadata: { root_cause, solution_steps },
    });
    expect(server.model.requests.at(-1)?.system).toContain("exited in: GenServer.call");
  });
});
