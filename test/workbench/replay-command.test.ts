import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

import { argumentsOf } from "../../cli/replay/arguments.ts";
import { simple } from "../support/conversation.ts";
import { some } from "../support/size.ts";
import { start } from "../support/start.ts";

const server = await start({ MODEL: "gpt-4.1-mini" });
const client = await server.connect();
const conversation = await client.join("replayed");
afterAll(async () => {
  await client.close();
  await server.close();
});

/** Runs `npm run replay -- …` against the running server's database. */
function replay(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = {
    ...process.env,
    DATABASE_URL: server.settings.DATABASE_URL,
    OPENAI_BASE_URL: server.model.url,
    OPENAI_API_KEY: "test",
    MODEL: "gpt-4.1-mini",
  };
  return new Promise((resolve) => {
    execFile(process.execPath, ["cli/replay/main.ts", ...words], { env }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

it("one turn is replayed on the command line, and the answers are compared word by word", async () => {
  server.model.next("The sky is blue.");
  const { turnId } = await conversation.ask("Colour?", simple);
  const same = server.model.requests.at(-1)?.rawBody;
  server.model.next("The sea is blue.");
  const { code, out } = await replay(turnId);
  expect(out).toContain("The [-sky-][+sea+] is blue.");
  expect(out).toMatch(/cost\s+\$0\.\d+\s+\$0\.\d+/);
  expect(code).toBe(0);
  expect(server.model.requests.at(-1)?.rawBody).toBe(same);
});

it("--last replays the latest turns of the changed prompt's engine and prints a table", async () => {
  await conversation.ask("An analysis", { options: { engine: "analysis" } });
  for (const word of ["one", "two", "three"]) await conversation.ask(`Say ${word}`, simple);
  const draft = join(server.folder, "draft.md");
  writeFileSync(draft, "---\ndescription: x\n---\nShout.\n");
  server.model.reset();
  const { out } = await replay("--last", "2", "--prompt", `simple=${draft}`);
  expect(out.split("\n")).toMatchObject([
    expect.stringMatching(/^message +engine +words changed +tokens out +first word +ms +cost$/),
    expect.stringMatching(/^Say two +simple +\d+ %/),
    expect.stringMatching(/^Say three +simple +\d+ %/),
    expect.stringMatching(/^2 of 2 turns/),
    "",
  ]);
  expect(server.model.requests.map(({ system }) => system)).toEqual(["Shout.", "Shout."]);
});

it.each([
  [[], "Name one turn, or use --last;"],
  [["--last", "many"], '--last: expected a number, got "many"'],
  [["--last", "2", "--tools", "all"], '--tools: expected recorded or live, got "all"'],
  [["--last", "2", "--prompt", "simple=/no/such.md"], "--prompt: cannot read /no/such.md"],
])("the arguments %j of npm run replay are refused with a message", (words, message) => {
  expect(() => argumentsOf(words)).toThrow(message);
});

it.each(
  some<[string[], string, number]>([
    [["--last", "2", "--engine", "gpt"], '--engine: there is no engine "gpt".', 2],
    [["no-such-turn"], "There is no turn no-such-turn.", 1],
  ]),
)("npm run replay with %j fails with a message", async (words, message, expected) => {
  const { code, err } = await replay(...words);
  expect(err).toContain(message);
  expect(code).toBe(expected);
});
