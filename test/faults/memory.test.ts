import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { gate, historyFlaws, type ModelRequest, startModelServer } from "../support/model-server.ts";
import { size } from "../support/size.ts";
import { spawnServer } from "../support/spawned.ts";
import { start } from "../support/start.ts";

const unlimited = { RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_PUSHES: "0" };
const simple = { options: { engine: "simple" } };
const hourMs = 3_600_000;

/** The messages of a request, without the instructions. */
const told = ({ messages }: ModelRequest) => messages.slice(1).map(({ content }) => content);
const isSummary = ({ system }: ModelRequest) => system.includes("memory of a conversation");

describe("a clock that is set back between two starts", () => {
  it("neither removes nor reorders what the model remembers", { timeout: 30_000 }, async () => {
    await using model = await startModelServer();
    const folder = mkdtempSync(join(tmpdir(), "clock-"));
    const questions = ["one", "two", "three", "four", "five", "six"];
    for (const [index, behindMs] of [0, hourMs, 2 * hourMs].slice(0, size(2, 3)).entries()) {
      await using server = await spawnServer(
        {
          ...unlimited,
          OPENAI_BASE_URL: model.url,
          MODEL: "m",
          DATABASE_URL: `sqlite:${folder}/test.db`,
          CLOCK_BEHIND_MS: String(behindMs),
        },
        process.cwd(),
        { nodeArguments: ["--import", new URL("clock-behind.ts", import.meta.url).pathname] },
      );
      await using client = await server.connect();
      const conversation = await client.join("c");
      for (const question of questions.slice(2 * index, 2 * index + 2)) {
        await conversation.ask(question, simple);
        const earlier = questions.slice(0, questions.indexOf(question));
        const remembered = earlier.flatMap((content) => [content, `Answer to: ${content}`]);
        expect(told(await model.waitForRequest(({ user }) => user === question))).toEqual([...remembered, question]);
      }
      const { turns } = (await conversation.push("get_history")).response;
      expect(turns.map(({ query }) => query)).toEqual(questions.slice(0, 2 * index + 2));
      await server.end("SIGINT");
    }
    rmSync(folder, { recursive: true });
  });
});

/** A conversation whose oldest turns are being summarized: the model was asked, and answers when the gate opens. */
async function summarised() {
  const started = await start(unlimited);
  const { model } = started;
  const door = gate();
  model.answer((request) =>
    isSummary(request) ? { chunks: [`They said: ${request.user.slice(0, 3_000)}`], gate: door } : undefined,
  );
  const client = await started.connect();
  const conversation = await client.join("c");
  const ids: string[] = [];
  for (let turn = 1; turn <= 21; turn += 1) {
    const content = turn === 3 ? "my password is swordfish" : `question ${turn};`;
    ids.push((await conversation.ask(content, simple)).turnId);
  }
  const summary = await model.waitForRequest(isSummary);
  return {
    started,
    model,
    conversation,
    ids,
    asked: summary.user,
    /** Lets the model answer, and waits until the summary is stored. */
    async end(): Promise<void> {
      door.open();
      await summary.closed;
    },
    async ask(from: number, to: number): Promise<void> {
      for (let turn = from; turn <= to; turn += 1) await conversation.ask(`question ${turn};`, simple);
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await started.close();
    },
  };
}

describe("while the memory is being summarized", () => {
  it("an edited turn is forgotten: neither a summary nor a later request contains its text", async () => {
    await using held = await summarised();
    const { model, conversation, ids } = held;
    expect(held.asked).toContain("swordfish");
    const before = model.requests.length;
    const { response } = await conversation.push("edit", { turn_id: ids[2], content: "question 3 anew" });
    await conversation.turn(response.turn_id);
    await held.end();
    await held.ask(22, 45); // enough for another summary
    await model.waitForRequest((request) => request.index >= before && isSummary(request));
    await held.ask(46, 47);
    const later = model.requests.slice(before);
    expect(later.flatMap(({ rawBody, user }) => (rawBody.includes("swordfish") ? [user] : []))).toEqual([]);
    expect(later.flatMap(historyFlaws)).toEqual([]);
    expect(later.map(told)[0]).toEqual([
      "question 1;",
      "Answer to: question 1;",
      "question 2;",
      "Answer to: question 2;",
      "question 3 anew",
    ]);
  });

  it("a stopped turn is remembered with the text that was shown, and every other turn once", async () => {
    await using held = await summarised();
    const { model, conversation } = held;
    const door = gate();
    model.nextFor(({ user }) => user === "Go on", { text: "one two three", gate: door });
    const { response } = await conversation.push("message", { content: "Go on", ...simple });
    door.release();
    await conversation.next("response_delta", ({ turn_id }) => turn_id === response.turn_id);
    await conversation.push("stop");
    await conversation.turn(response.turn_id);
    await held.end();
    await held.ask(22, 23);
    const last = model.requests.at(-1);
    expect(last?.system).toContain("They said: ");
    const contents = last ? told(last) : [];
    const known = (turn: number) => Number(last?.system.includes(`User: question ${turn};`));
    for (const turn of [1, 2, 4, 11, 12, 20, 21, 22]) {
      const count = contents.filter((content) => content === `question ${turn};`).length;
      expect(count + known(turn), `question ${turn}`).toBe(1);
    }
    expect(contents.slice(-5)).toEqual(["Go on", "one", "question 22;", "Answer to: question 22;", "question 23;"]);
    expect(last && historyFlaws(last)).toEqual([]);
  });

  it("a new conversation starts empty, also after a restart", async () => {
    await using held = await summarised();
    const { model, conversation, started } = held;
    const before = model.requests.length;
    expect((await conversation.push("new_conversation")).status).toBe("ok");
    await held.end();
    await conversation.ask("fresh one", simple);
    await conversation.ask("fresh two", simple);
    await started.restart();
    await using client = await started.connect();
    const again = await client.join("c");
    await again.ask("fresh three", simple);
    const later = model.requests.slice(before);
    expect(later.flatMap(({ rawBody, user }) => (/question \d|They said/.test(rawBody) ? [user] : []))).toEqual([]);
    expect(later.map(told).at(-1)).toEqual([
      "fresh one",
      "Answer to: fresh one",
      "fresh two",
      "Answer to: fresh two",
      "fresh three",
    ]);
    const { turns } = (await again.push("get_history")).response;
    expect(turns.map(({ query }) => query)).toEqual(["fresh one", "fresh two", "fresh three"]);
  });
});
