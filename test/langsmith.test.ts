import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";

import { startLangSmithServer } from "./support/langsmith-server.ts";
import { some } from "./support/size.ts";
import { spawnServer } from "./support/spawned.ts";
import { start } from "./support/start.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** LangSmith's client reads its settings from the environment. */
function traceTo(url: string) {
  vi.stubEnv("LANGSMITH_TRACING", "true");
  vi.stubEnv("LANGSMITH_ENDPOINT", url);
  vi.stubEnv("LANGSMITH_API_KEY", "langsmith-key");
  vi.stubEnv("LANGSMITH_PROJECT", "conversations");
}

describe("a turn in LangSmith", () => {
  it("a turn is one trace whose root run names conversation, session, user, turn, route and prompts", async () => {
    await using langsmith = await startLangSmithServer();
    traceTo(langsmith.url);
    await using started = await start({ LANGSMITH_TRACING: "true" });
    await using client = await started.connect();
    const conversation = await client.join("traced");
    const { reply, terminal } = await conversation.ask("Compare two databases", { options: { engine: "complex" } });

    const root = await langsmith.waitForRun((run) => run.name === "conversation turn" && run.end_time !== undefined);
    expect(root.parent_run_id ?? null).toBeNull();
    expect(root.extra?.metadata).toMatchObject({
      conversation_id: "traced",
      session_id: conversation.joins[0]?.session_id,
      thread_id: conversation.joins[0]?.session_id,
      user_id: "user-a",
      turn_id: reply.turn_id,
      conversation_type: "complex",
      routed_to: "complex_conversation",
      prompts: terminal.payload.metadata?.prompts,
    });
    // LangSmith's client sends batches, and the root run may be in an earlier one than its children.
    const calls = () =>
      [...langsmith.runs.values()].filter((run) => run.trace_id === root.trace_id && run.run_type === "llm");
    await expect.poll(() => calls().length).toBe(terminal.payload.metadata?.usage?.llm_calls);
    expect([...langsmith.runs.values()].filter((run) => !run.parent_run_id)).toHaveLength(1);
  });

  it.each(some(["dead", "refuse", 500] as const))("turns are answered when LangSmith is %s", async (behaviour) => {
    await using langsmith = await startLangSmithServer();
    langsmith.behave(behaviour);
    traceTo(langsmith.url);
    await using started = await start({ LANGSMITH_TRACING: "true" });
    await using client = await started.connect();
    const conversation = await client.join("untraced");
    const first = await conversation.ask("One", { options: { engine: "simple" } });
    const second = await conversation.ask("Two", { options: { engine: "simple" } });
    expect([first.terminal.event, second.terminal.event]).toEqual(["response", "response"]);
  });

  it("nothing is traced by default", async () => {
    await using langsmith = await startLangSmithServer();
    vi.stubEnv("LANGSMITH_ENDPOINT", langsmith.url);
    await using started = await start();
    await using client = await started.connect();
    await (await client.join("private")).ask("One", { options: { engine: "simple" } });
    expect(langsmith.requests).toHaveLength(0);
  });

  it("that has no key is in the log of the start", async () => {
    const folder = mkdtempSync(join(tmpdir(), "langsmith-"));
    const env = { DATABASE_URL: `sqlite:${folder}/test.db`, LOG_LEVEL: "warn" };
    await using server = await spawnServer({ ...env, LANGSMITH_TRACING: "1" });
    await expect.poll(() => server.output.join("\n")).toContain("LANGSMITH_API_KEY is not set");
  });

  it.each(
    some<[Record<string, string>, boolean]>([
      [{ LANGCHAIN_TRACING_V2: "true" }, true],
      [{ LANGSMITH_TRACING: "True" }, true],
      [{ LANGSMITH_TRACING: "0", LANGCHAIN_TRACING_V2: "true", LANGCHAIN_TRACING: "true" }, false],
    ]),
  )("with %j, a turn is one trace of ours, or nothing is sent at all: %s", async (switches, isTraced) => {
    await using langsmith = await startLangSmithServer();
    const folder = mkdtempSync(join(tmpdir(), "langsmith-"));
    const ours = {
      LANGSMITH_ENDPOINT: langsmith.url,
      LANGSMITH_API_KEY: "k",
      DATABASE_URL: `sqlite:${folder}/test.db`,
    };
    await using server = await spawnServer({ ...ours, ...switches });
    await using client = await server.connect();
    await (await client.join("traced")).ask("One", { options: { engine: "simple" } });
    if (isTraced) await langsmith.waitForRun((run) => run.name === "conversation turn" && run.end_time !== undefined);
    await server.end("SIGTERM"); // sends what is left
    const roots = [...langsmith.runs.values()].filter((run) => !run.parent_run_id).map(({ name }) => name);
    expect(roots).toEqual(isTraced ? ["conversation turn"] : []);
    if (!isTraced) expect(langsmith.requests).toHaveLength(0);
  });

  it("a user's feedback is sent to the turn's run", async () => {
    await using langsmith = await startLangSmithServer();
    traceTo(langsmith.url);
    await using started = await start({ LANGSMITH_TRACING: "true" });
    await using client = await started.connect();
    const conversation = await client.join("rated");
    const { reply } = await conversation.ask("One", { options: { engine: "simple" } });
    await conversation.push("feedback", { turn_id: reply.turn_id, score: -1, comment: "wrong" });
    await expect
      .poll(() => langsmith.feedback, { timeout: 5_000 })
      .toContainEqual(expect.objectContaining({ run_id: reply.turn_id, score: -1, comment: "wrong" }));
  });
});
