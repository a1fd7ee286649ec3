import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { answerText, type Conversation } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { faults, gate, type ModelRequest, type Reply, startModelServer } from "../support/model-server.ts";
import { some } from "../support/size.ts";
import { spawnServer } from "../support/spawned.ts";
import { start, unlimited } from "../support/start.ts";

const server = await start({ ...unlimited, FALLBACK_MODELS: "second", MODEL_TIMEOUT_MS: "400" });
const client = await server.connect();

beforeEach(() => server.model.reset());
afterAll(async () => {
  await client.close();
  await server.close();
});

const asks = { preferences: { include_reasoning: true } };
const of = (model: string) => (request: ModelRequest) => request.model === model;
const freshConversation = () => client.join(crypto.randomUUID(), asks);
const deltasOf = ({ events }: Conversation) =>
  events.filter(({ event }) => event === "reasoning_delta").map(({ payload }) => payload);
const shown = (conversation: Conversation) => answerText(deltasOf(conversation));
const kept = async (conversation: Conversation) =>
  (await conversation.push("get_history")).response.turns.at(-1)?.reasoning;

describe("an answer that begins again", () => {
  it.each<[string, Reply]>([
    ["while the model thought", { reasoning: ["first ", "thoughts"], text: "one", cutAfter: 1 }],
    ["in the model's text", { reasoning: ["first thoughts"], text: "one two", cutAfter: 2 }],
    ["by a refusal", { reasoning: ["first thoughts"], ...faults.contentFilter, chunkDelayMs: 20 }],
  ])("%s begins with new thoughts", async (_what, broken) => {
    server.model.next(broken, { reasoning: ["second ", "thoughts"], text: "two" });
    const conversation = await freshConversation();
    const { text } = await conversation.ask("Go", simple);
    expect([text, shown(conversation)]).toEqual(["two", "second thoughts"]);
    const [first, ...rest] = deltasOf(conversation);
    expect(first).not.toHaveProperty("restart");
    expect(rest.filter(({ restart }) => restart).length).toBeGreaterThan(0);
    expect(await kept(conversation)).toBe("second thoughts");
  });

  it("without new thoughts discards the old ones before its text", async () => {
    server.model.nextFor(of("test-model"), {
      reasoning: ["first thoughts"],
      ...faults.contentFilter,
      chunkDelayMs: 20,
    });
    server.model.nextFor(of("second"), "two");
    const conversation = await freshConversation();
    const { text, turnId } = await conversation.ask("Go", simple);
    expect([text, shown(conversation)]).toEqual(["two", ""]);
    expect(deltasOf(conversation).at(-1)).toEqual({ turn_id: turnId, offset: 0, text: "", restart: true });
    expect(await kept(conversation)).toBeUndefined();
  });

  it("because it was empty begins with new thoughts", async () => {
    server.model.next({ reasoning: ["first"], text: "" }, { reasoning: ["second"], text: "two" });
    const conversation = await freshConversation();
    await conversation.ask("Go", simple);
    expect([shown(conversation), await kept(conversation)]).toEqual(["second", "second"]);
  });

  it("and fails keeps the last thoughts", async () => {
    server.model.nextFor(of("test-model"), { reasoning: ["first"], ...faults.contentFilter, chunkDelayMs: 20 });
    server.model.nextFor(of("second"), { reasoning: ["second"], ...faults.contentFilter, chunkDelayMs: 20 });
    const conversation = await freshConversation();
    const { terminal } = await conversation.ask("Go", simple);
    expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "model_refused" } } });
    expect([shown(conversation), await kept(conversation)]).toEqual(["second", "second"]);
  });
});

describe("a process that ends while the model thinks", () => {
  it("leaves no old thoughts, whether it is asked to end or killed: at the next start they begin again", async () => {
    const folder = mkdtempSync(join(tmpdir(), "reasoning-"));
    await using model = await startModelServer();
    const env = {
      OPENAI_BASE_URL: model.url,
      DATABASE_URL: `sqlite:${folder}/test.db`,
      MODEL: "m",
      DRAIN_TIMEOUT_MS: "1",
    };
    let running = await spawnServer(env);

    async function ended(signal: NodeJS.Signals) {
      const held = gate();
      model.next({ reasoning: ["old ", "thoughts"], text: "old", gate: held });
      const before = await running.connect();
      const conversation = await before.join(signal, asks);
      const { response } = await conversation.push("message", { content: "Go", ...simple });
      held.release(1);
      await conversation.next("reasoning_delta");
      await running.end(signal);
      await before.close();
      const door = gate();
      model.next({ reasoning: ["new ", "thoughts"], text: "new", gate: door });
      running = await spawnServer(env);
      await using after = await running.connect();
      await door.held();
      door.release(1);
      const back = await after.join(signal, { ...asks, resume: { turn_id: response.turn_id, offset: 0 } });
      door.open();
      const { text } = await back.turn(String(response.turn_id));
      return { text, shown: shown(back), first: deltasOf(back)[0], kept: await kept(back) };
    }

    for (const signal of some(["SIGKILL", "SIGTERM"] as const))
      expect(await ended(signal), signal).toEqual({
        text: "new",
        shown: "new thoughts",
        first: expect.objectContaining({ offset: 0, restart: true }),
        kept: "new thoughts",
      });
    await running.end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
});
