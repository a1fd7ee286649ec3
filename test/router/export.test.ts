import { execFileSync } from "node:child_process";
import { afterAll, describe, expect, it } from "vitest";

import type { LabelledMessage } from "../../src/store/labelled.ts";
import type { ModelRequest } from "../support/model-server.ts";
import { inherited } from "../support/spawned.ts";
import { start } from "../support/start.ts";

const server = await start();
afterAll(() => server.close());

function exported(): LabelledMessage[] {
  const env = { ...inherited(), DATABASE_URL: server.settings.DATABASE_URL };
  const lines = execFileSync(process.execPath, ["evals/routing/export.ts"], { env, encoding: "utf8" });
  return lines
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

it("messages that a user labelled are exported as training data, with their history", async () => {
  await using client = await server.connect();
  const conversation = await client.join("labelled", { preferences: { language: "elixir" } });
  await conversation.ask("What is a GenServer?", { options: { engine: "simple" } });
  const { turnId } = await conversation.ask("and a supervisor?", {
    options: { engine: "simple" },
    context: { file: "tree.ex" },
  });
  const other = await conversation.ask("thanks", { options: { engine: "simple" } });
  await conversation.push("feedback", { turn_id: other.turnId, score: 1 });
  const rated = await conversation.push("feedback", { turn_id: turnId, score: -1, expected: "multi_step" });
  expect(rated.status).toBe("ok");
  expect(exported()).toEqual([
    {
      id: turnId,
      source: "feedback",
      history: [
        { role: "user", content: "What is a GenServer?" },
        { role: "assistant", content: "Answer to: What is a GenServer?" },
      ],
      context: { file: "tree.ex" },
      content: "and a supervisor?",
      label: "multi_step",
    },
  ]);
});

it("a label that is not an engine is refused", async () => {
  await using client = await server.connect();
  const conversation = await client.join("mislabelled");
  const { turnId } = await conversation.ask("Hello?", { options: { engine: "simple" } });
  const { status, response } = await conversation.push("feedback", { turn_id: turnId, score: 0, expected: "poetry" });
  expect({ status, reason: response.reason }).toEqual({ status: "error", reason: "invalid_payload" });
});

describe("decisions of the model stage", () => {
  const routed = (type: string, confidence: number) => ({
    json: { type, confidence, reason: "The test says so.", standalone_question: "" },
  });
  const isRouting = ({ system }: ModelRequest) => system.startsWith("You choose which engine answers");
  const contents = ["sure", "unsure", "liked", "disliked", "corrected"] as const;

  it("are exported if the model was confident and nobody disliked the answer; feedback wins", async () => {
    await using client = await server.connect();
    const conversation = await client.join("routed-by-the-model");
    const turns: Record<string, string> = {};
    for (const content of contents) {
      server.model.nextFor(isRouting, routed("complex", content === "unsure" ? 0.7 : 0.8));
      const { turnId } = await conversation.ask(content);
      turns[content] = turnId;
      await conversation.push("new_conversation", {});
    }
    await conversation.ask("chosen by the client", { options: { engine: "complex" } });
    await conversation.push("feedback", { turn_id: turns.liked, score: 1 });
    await conversation.push("feedback", { turn_id: turns.disliked, score: -0.5 });
    await conversation.push("feedback", { turn_id: turns.corrected, score: -1, expected: "analysis" });
    const all = exported();
    const own = all.filter(({ id }) => Object.values(turns).includes(id));
    expect(own.map(({ content, source, label }) => [content, source, label])).toEqual([
      ["sure", "model stage", "complex"],
      ["liked", "model stage", "complex"],
      ["corrected", "feedback", "analysis"],
    ]);
    expect(all.map(({ content }) => content)).not.toContain("chosen by the client");
  });
});
