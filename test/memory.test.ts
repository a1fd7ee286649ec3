import Database from "better-sqlite3";
import { describe, expect } from "vitest";

import { simple } from "./support/conversation.ts";
import { it } from "./support/fixture.ts";
import { size } from "./support/size.ts";
import { start, unlimited } from "./support/start.ts";

const turns = size(121, 501);

describe("what the model remembers", () => {
  it("the model is sent the conversation so far, oldest first", async ({ model, conversation }) => {
    for (const question of ["one", "two", "three"]) await conversation.ask(question, simple);
    const [, ...messages] = model.requests.at(-1)?.messages ?? [];
    expect(messages.map(({ role, content }) => [role, content])).toEqual([
      ["user", "one"],
      ["assistant", "Answer to: one"],
      ["user", "two"],
      ["assistant", "Answer to: two"],
      ["user", "three"],
    ]);
  });

  it("the model never gets a lone surrogate, in this question or an earlier one", async ({ model, conversation }) => {
    for (const question of ["half \ud83d", "whole"]) await conversation.ask(question, simple);
    const contents = model.requests.flatMap(({ messages }) => messages.map(({ content }) => String(content)));
    expect(contents.filter((content) => !content.isWellFormed())).toEqual([]);
    expect(contents.filter((content) => content.startsWith("half"))).toHaveLength(2);
  });

  it("a long memory is condensed after the turn, and the next turns get the summary as data", async ({
    model,
    conversation,
  }) => {
    model.answer((request) =>
      request.system.includes("memory of a conversation") ? "They talk of numbers." : undefined,
    );
    for (let turn = 1; turn <= 21; turn += 1) await conversation.ask(`question ${turn}`, simple);
    const condensing = await model.waitForRequest((request) => request.system.includes("memory of a conversation"));
    expect(condensing.user).toContain("User: question 1\n");
    expect(condensing.user).not.toContain("question 21");
    await condensing.closed;
    const { terminal } = await conversation.ask("question 22", simple);
    const last = model.requests.at(-1);
    expect(last?.system).toContain('"They talk of numbers."');
    expect(last?.messages.length).toBeLessThan(30);
    expect(terminal.payload.metadata?.usage?.llm_calls).toBe(1);
    expect(terminal.payload.metadata?.prompts).toHaveProperty("memory");
  });

  it(`memory does not grow with the conversation: turn ${turns} takes as many bytes as turn 50`, {
    timeout: 90_000,
  }, async () => {
    await using started = await start(unlimited);
    await using client = await started.connect();
    const conversation = await client.join("endless");
    await conversation.ask("question 000", simple);
    const database = new Database(`${started.folder}/test.db`, { readonly: true });
    const newest = database
      .prepare(
        "SELECT octet_length(request) + octet_length(outcome) + octet_length(beginning) FROM turns ORDER BY seq DESC LIMIT 1",
      )
      .pluck();
    const bytes: number[] = [];
    for (let turn = 1; turn <= turns; turn += 1) {
      await conversation.ask(`question ${String(turn).padStart(3, "0")}`, simple);
      bytes.push(Number(newest.get()));
    }
    const most = (from: number, to: number) => Math.max(...bytes.slice(from, to));
    expect(most(turns - 22, turns)).toBeLessThanOrEqual(1.1 * most(29, 51));
    const longest = Math.max(...started.model.requests.map(({ messages }) => messages.length));
    expect(longest).toBeLessThanOrEqual(46);
    database.close();
  });
});
