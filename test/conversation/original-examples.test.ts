import { describe, expect } from "vitest";

import { it as conversationTest } from "../support/fixture.ts";
import { type ModelRequest, smartReply } from "../support/model-server.ts";

const properties = (request: ModelRequest) => Object.entries(request.schema?.properties ?? {});
const isRouting = (request: ModelRequest) =>
  properties(request).some(([, { enum: values }]) => values?.includes("simple"));

const it = conversationTest
  .extend("say", ({ conversation }) => async (message: object) => {
    conversation.channel.push("message", message);
    return await conversation.next("response");
  })
  /** Scripts a turn: its engine, its findings, and its answer. */
  .extend("script", ({ model }) => ({ type, found = {}, text }: { type?: string; found?: object; text: string }) => {
    model.answer((request) => {
      if (isRouting(request)) return { json: { ...Object(smartReply(request).json), type } };
      if (!request.structured) return text;
      return { json: { ...Object(smartReply(request).json), ...found } };
    });
  });

describe("Example conversations", () => {
  it("the original's example of a simple query works", async ({ say, script }) => {
    script({ type: "simple", text: "Pattern matching in Elixir is a powerful feature" });
    expect(await say({ content: "What is pattern matching in Elixir?" })).toMatchObject({
      response: "Pattern matching in Elixir is a powerful feature",
      conversation_type: "simple",
      routed_to: "simple_conversation",
    });
  });

  it("the original's example of generated code works", async ({ say, script }) => {
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

  it("the original's example of a follow-up works", async ({ model, say, script }) => {
    script({ type: "simple", text: "A Task runs once; a GenServer stays." });
    await say({ content: "What's the difference between Task and GenServer?" });
    script({ type: "multi_step", text: "Based on our previous discussion" });
    expect(await say({ content: "When should I use each one?" })).toMatchObject({
      response: "Based on our previous discussion",
      conversation_type: "multi_step",
      routed_to: "multi_step_conversation",
    });
    expect(model.requests.at(-1)?.rawBody).toContain("A Task runs once; a GenServer stays.");
  });

  it("the original's example of a problem to solve works", async ({ model, say, script }) => {
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
    expect(model.requests.at(-1)?.system).toContain("exited in: GenServer.call");
  });
});
