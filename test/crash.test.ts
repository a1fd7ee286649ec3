import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { gate, type ModelServer, startModelServer } from "./support/model-server.ts";
import { isLong } from "./support/size.ts";
import { spawnServer } from "./support/spawned.ts";

let folder: string;
let model: ModelServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "crash-"));
  model = await startModelServer();
});

afterEach(async () => {
  await model.close();
  rmSync(folder, { recursive: true, force: true });
});

const server = () => spawnServer({ OPENAI_BASE_URL: model.url, DATABASE_URL: `sqlite:${folder}/test.db`, MODEL: "m" });

describe("a process that is killed in the middle of a turn", () => {
  it("a turn whose process was killed ends at the next start, repeats no finished step, and is delivered to a client that returns", async () => {
    const held = gate();
    model.nextFor((request) => !request.structured, { text: "first attempt, never finished", gate: held });
    const first = await server();
    const before = await first.connect();
    const asked = await (await before.join("c")).push("message", {
      content: "Why?",
      options: { engine: "problem_solving" },
    });
    held.release(2);
    await held.held();
    await first.end("SIGKILL");
    await before.close();

    await using second = await server();
    await using client = await second.connect();
    const conversation = await client.join("c");
    const { terminal } = await conversation.turn(String(asked.response.turn_id));
    expect(terminal.payload).toMatchObject({ query: "Why?", response: "Answer to: Why?", routed_to: "problem_solver" });
    expect(model.requests.filter(({ structured }) => structured)).toHaveLength(1);
    expect(terminal.payload.metadata?.usage?.llm_calls).toBeGreaterThanOrEqual(2);
    const { response } = await conversation.push("get_history", {});
    expect(response.turns).toHaveLength(1);

    await conversation.ask("And now?", { options: { engine: "simple" } });
    const [, ...messages] = model.requests.at(-1)?.messages ?? [];
    expect(messages.map(({ content }) => content)).toEqual(["Why?", "Answer to: Why?", "And now?"]);
  });

  it.runIf(isLong)(
    "a turn whose process was killed three times ends as interrupted, and the next turn works",
    async () => {
      const held = gate();
      model.answer((request) => (request.user === "deadly" ? { text: "x", gate: held } : undefined));
      const options = { engine: "simple" };
      let turnId = "";
      for (let start = 1; start <= 3; start += 1) {
        const running = await server();
        if (start === 1) {
          const client = await running.connect();
          const { response } = await (await client.join("c")).push("message", { content: "deadly", options });
          turnId = String(response.turn_id);
        }
        await model.waitForRequest(start);
        await running.end("SIGKILL");
      }
      await using last = await server();
      await using client = await last.connect();
      const conversation = await client.join("c");
      const { terminal } = await conversation.turn(turnId);
      expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "interrupted" } } });
      const { turns } = (await conversation.push("get_history")).response;
      expect(turns.map(({ status }) => status)).toEqual(["failed"]);
      expect((await conversation.ask("harmless", { options })).terminal.event).toBe("response");
    },
  );
});

describe("SIGTERM", () => {
  it("SIGTERM lets the running turn end, refuses new ones as draining, and exits with code 0", async () => {
    const held = gate();
    model.next({ text: "one two three", gate: held });
    await using running = await server();
    await using client = await running.connect();
    const conversation = await client.join("c");
    const options = { engine: "simple" };
    const asked = await conversation.push("message", { content: "go on", options });
    await held.held();
    const ended = running.end("SIGTERM");
    await expect.poll(async () => (await fetch(`${running.http}/readyz`)).status).toBe(503);
    expect((await conversation.push("message", { content: "late", options })).response.reason).toBe("draining");
    held.open();
    const { terminal } = await conversation.turn(String(asked.response.turn_id));
    expect(terminal.payload.response).toBe("one two three");
    expect(await client.closed()).toMatchObject({ code: 1012 });
    expect(await ended).toEqual([0, null]);
  });
});
