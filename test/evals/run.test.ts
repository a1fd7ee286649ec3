import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { isLong } from "../support/size.ts";
import { start } from "../support/start.ts";
import { type Ran, runner } from "./support.ts";

const server = await start();
const { run, dataset } = runner(server);
afterAll(() => server.close());

let results: string;
beforeEach(() => {
  server.model.reset();
  results = join(server.folder, `${crypto.randomUUID()}.json`);
});

/** Runs `npm run eval -- …`. */
const evaluate = (...words: string[]): Promise<Ran> => run("evals/main.ts", ["--results", results, ...words]);

const usage = { input: 1000, output: 200 };

const colours = dataset(
  "colours",
  { id: "sky", content: "Sky?", engine: "simple", expect: { max_words: 2, cites: ["42"] }, context: { number: 42 } },
  { id: "sea", content: "Sea?", engine: "simple", expect: { max_words: 2 } },
  { id: "code", content: "Code?", engine: "multi_step", expect: { code: { language: "js" } } },
);

function say(answers: Record<string, string>): void {
  server.model.answer(({ user }) => ({ text: answers[user] ?? "", usage }));
}

// Each test starts the program, so `npm test` runs only the main ones.
const good = { "Sky?": "Blue 42", "Sea?": "Green", "Code?": "```js\nlet one = 1;\n```" };

describe("a run", () => {
  it("prints a row per engine with means, tokens, cost and time", async () => {
    say({ ...good, "Sky?": "Blue, they say" });
    const { code, out, err } = await evaluate(colours);
    expect(out.trim().split("\n")).toEqual([
      expect.stringMatching(/^engine +lines +cites +code +length +failed +tokens in → out +cost +time p50$/),
      expect.stringMatching(/^simple +2 +0\.00 +0\.83 +2000 → 400 +\$0\.00600 +\d+\.\d s$/),
      expect.stringMatching(/^multi_step +1 +1\.00 +1000 → 200 +\$0\.00300 +\d+\.\d s$/),
      expect.stringMatching(/^all +3 +0\.00 +1\.00 +0\.83 +3000 → 600 +\$0\.00900 +\d+\.\d s$/),
    ]);
    expect(err).toMatch(/\d\/3 colours\/sky .* s: cites 0\.00 \(missing: 42\), length 0\.67 \(3 words, at most 2\)/);
    expect(err).toMatch(/\d\/3 colours\/sea .* s: ok/);
    expect(code).toBe(0);
  });

  it.runIf(isLong)("is compared with the last one: changed means and lines that got worse", async () => {
    say(good);
    await evaluate(colours);
    say({ ...good, "Sea?": "Green and very salty", "Code?": "Write it yourself." });
    const { out, code } = await evaluate(colours);
    expect(out).toMatch(/^simple +2 +1\.00 +0\.75 −0\.25 /m);
    expect(out).toMatch(/^multi_step +1 +0\.00 −1\.00 /m);
    expect(out).toContain(
      "Worse than in the last run:\n" +
        "  colours/sea  length 1.00 → 0.50 (4 words, at most 2)\n" +
        "  colours/code  code 1.00 → 0.00 (no js block)\n",
    );
    expect(code).toBe(0);
    if (!isLong) return;
    say(good);
    const again = await evaluate(colours);
    expect(again.out).toMatch(/^simple +2 +1\.00 +1\.00 \+0\.25 /m);
    expect(again.out).not.toContain("Worse");
  });

  it.runIf(isLong)("of some lines keeps the results of the others", async () => {
    say(good);
    await evaluate(colours);
    say({ ...good, "Sea?": "Green and very salty" });
    const some = await evaluate(colours, "--engine", "multi_step");
    expect(some.out).toMatch(/^multi_step +1 +1\.00 +1000/m);
    expect(some.out).not.toMatch(/^all/m);
    const { out } = await evaluate(colours);
    expect(out).toContain("colours/sea  length 1.00 → 0.50");
  });

  it("uses the line's history, summary, context and preferences", async () => {
    const told = dataset("told", {
      id: "a",
      history: [
        { role: "user", content: "First" },
        { role: "assistant", content: "Firstly." },
      ],
      summary: "They spoke of cats.",
      context: { file: "a.ts" },
      preferences: { language: "de" },
      content: "Second",
      engine: "simple",
      expect: {},
    });
    await evaluate(told);
    const [request] = server.model.requests;
    expect(request?.messages.slice(1).map(({ content }) => content)).toEqual(["First", "Firstly.", "Second"]);
    expect(request?.system).toMatch(/"file": "a\.ts".*"language": "de".*They spoke of cats\./s);
  });

  it.runIf(isLong)("can use another prompt and another model", async () => {
    const draft = join(server.folder, "draft.md");
    writeFileSync(draft, "---\ndescription: x\n---\nShout.\n");
    await evaluate(colours, "--limit", "1", "--prompt", `simple=${draft}`, "--model", "other-model");
    expect(server.model.requests).toMatchObject([{ model: "other-model", system: expect.stringMatching(/^Shout\./) }]);
  });

  it.runIf(isLong)("evaluates --at-once lines concurrently", async () => {
    let now = 0;
    let most = 0;
    const both = Promise.withResolvers<void>();
    server.model.answer(async ({ closed }) => {
      most = Math.max(most, ++now);
      void closed.then(() => (now -= 1));
      if (now === 2) both.resolve();
      await both.promise;
      return { text: "Yes.", headersDelayMs: 50 }; // a third line would be asked meanwhile
    });
    await evaluate(colours, "--at-once", "2");
    expect(most).toBe(2);
  });

  it.runIf(isLong)("fails if a mean is below --min", async () => {
    say({ ...good, "Sea?": "Green and very salty" });
    const { code, err } = await evaluate(colours, "--min", "0.8");
    expect(err).toContain("length: 0.75 is below 0.8");
    expect(code).toBe(1);
    expect((await evaluate(colours, "--min", "0.7")).code).toBe(0);
  });
});

describe.runIf(isLong)("a line whose model fails", () => {
  it("is counted as failed, without affecting the others", async () => {
    say(good);
    await evaluate(colours);
    server.model.answer(({ user }) => (user === "Sky?" ? { refusal: "No." } : { text: "Green", usage }));
    const { code, out, err } = await evaluate(colours);
    expect(out).toMatch(/^simple +2 +1\.00 +1 +1000 → 200 /m);
    expect(out).toContain("  colours/sky  failed: The model refused to answer.\n");
    expect(err).toContain("colours/sky: failed: The model refused to answer.");
    expect(code).toBe(1);
    const kept = JSON.parse(readFileSync(results, "utf8")).lines["colours/sky"];
    expect(kept).toMatchObject({ scores: {}, failure: "The model refused to answer." });
  });
});

describe.runIf(isLong)("the judge", () => {
  const judged = dataset("judged", {
    id: "a",
    content: "Why?",
    engine: "simple",
    expect: { criteria: "Says because. Is polite." },
    reference: "Because, dear user.",
  });
  const verdict = (...met: boolean[]) => ({
    json: { requirements: met.map((is_met, at) => ({ requirement: `No. ${at}`, reason: "So it is.", is_met })) },
    usage: { input: 100, output: 10 },
  });

  it("scores the criteria, and its cost is listed separately", async () => {
    server.model.next("Because.", verdict(true, false));
    const { out, err } = await evaluate(judged);
    expect(out).toMatch(/^engine +lines +judge/m);
    expect(out).toMatch(/^simple +1 +0\.50 /m);
    expect(out).toContain("The judge cost $0.00020.");
    expect(err).toContain("judge 0.50 (No. 1: So it is.)");
    const request = server.model.requests[1];
    expect(request?.system).toContain("Says because. Is polite.");
    expect(JSON.parse(request?.user ?? "")).toMatchObject({
      message: "Why?",
      reference: "Because, dear user.",
      answer: "Because.",
    });
  });

  it("can be another model", async () => {
    server.model.next("Because.", verdict(true));
    await evaluate(judged, "--judge", "wise-model");
    expect(server.model.requests.map(({ model }) => model)).toEqual(["test-model", "wise-model"]);
  });

  it("is not used without criteria or when it is off", async () => {
    await evaluate(judged, "--judge", "off");
    await evaluate(colours, "--limit", "1");
    expect(server.model.requests).toHaveLength(2);
  });

  it("fails the line if it returns no verdict", async () => {
    server.model.next("Because.", verdict());
    const { code, err } = await evaluate(judged);
    expect(err).toContain("failed: The judge returned no verdict.");
    expect(code).toBe(1);
  });
});

it("without a model server the demo model answers, with a warning about its figures", async () => {
  const bare = { OPENAI_BASE_URL: "", OPENAI_API_KEY: "" };
  const words = ["--results", results, colours];
  const { code, out, err } = await run("evals/main.ts", words, bare);
  expect(out).toMatch(/^all +3 /m);
  expect(err).toContain("The built-in demo model answered");
  expect(code).toBe(0);
});

it.runIf(isLong)("a mistake ends the program with its message", async () => {
  const { code, err } = await evaluate("poetry");
  expect(err).toContain('There is no dataset "poetry".');
  expect(code).toBe(1);
});
