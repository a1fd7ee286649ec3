import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

import { simple } from "../support/conversation.ts";
import { start } from "../support/start.ts";
import { runner } from "./support.ts";

const server = await start();
const client = await server.connect();
const { run } = runner(server);
afterAll(async () => {
  await client.close();
  await server.close();
});

/** Runs `npm run -s dataset -- …`. */
const exported = (...words: string[]) => run("cli/dataset.ts", words);

it("a turn is exported as a line that `npm run eval` can run", async () => {
  const conversation = await client.join("exported", { preferences: { language: "de" } });
  await conversation.ask("First", simple);
  server.model.next("A good answer.");
  const { turnId } = await conversation.ask("Second", { options: { engine: "simple" }, context: { file: "a.ts" } });
  const { out, code } = await exported(turnId);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    id: turnId,
    history: [
      { role: "user", content: "First" },
      { role: "assistant", content: "Answer to: First" },
    ],
    context: { file: "a.ts" },
    options: {},
    preferences: { language: "de" },
    content: "Second",
    engine: "simple",
    expect: { type: "simple" },
    reference: "A good answer.",
  });

  const asked = server.model.requests.at(-1)?.rawBody;
  const file = join(server.folder, "mine.jsonl");
  writeFileSync(file, out);
  const { code: ran } = await run("evals/main.ts", ["--results", join(server.folder, "last.json"), file]);
  expect(ran).toBe(0);
  expect(server.model.requests.at(-1)?.rawBody).toBe(asked);
});

it("an engine named by feedback becomes the expectation, and the router has to find it", async () => {
  const conversation = await client.join("rated");
  const { turnId } = await conversation.ask("Compare them", simple);
  await conversation.push("feedback", { turn_id: turnId, score: -1, expected: "complex" });
  const line = JSON.parse((await exported(turnId)).out);
  expect(line.expect).toEqual({ type: "complex" });
  expect(line).not.toHaveProperty("engine");
});

it("--last and --engine export the latest turns of an engine, oldest first", async () => {
  const conversation = await client.join("many");
  for (const word of ["one", "two", "three"])
    await conversation.ask(`Say ${word}`, { options: { engine: "analysis" } });
  await conversation.ask("Something else", simple);
  const { out } = await exported("--last", "2", "--engine", "analysis");
  const lines = out.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).content)).toEqual(["Say two", "Say three"]);
});

it.each([
  [["no-such-turn"], "There is no turn no-such-turn.", 1],
  [[], "Name one turn, or use --last; --help shows how.", 2],
  [["--last", "2", "--engine", "poetry"], '--engine: there is no engine "poetry"', 2],
])("%j fails with a message", async (words, message, expected) => {
  const { code, err } = await exported(...words);
  expect(err).toContain(message);
  expect(code).toBe(expected);
});
