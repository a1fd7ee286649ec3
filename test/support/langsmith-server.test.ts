import { RunnableLambda } from "@langchain/core/runnables";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { Client } from "langsmith";
import { afterEach, describe, expect, it, vi } from "vitest";

import { type LangSmithServerOptions, startLangSmithServer } from "./langsmith-server.ts";

afterEach(() => vi.restoreAllMocks());

async function traced(options: LangSmithServerOptions) {
  const server = await startLangSmithServer(options);
  const client = new Client({ apiUrl: server.url, apiKey: "ls-key", timeout_ms: 300 });
  const tracer = new LangChainTracer({ client, projectName: "test" });
  const inner = RunnableLambda.from((text: string) => text.toUpperCase()).withConfig({ runName: "inner" });
  const outer = RunnableLambda.from((text: string, config) => inner.invoke(text, config)).withConfig({
    runName: "outer",
  });
  const run = (text: string) => outer.invoke(text, { callbacks: [tracer], tags: ["t"], metadata: { turn_id: "t1" } });
  return { server, client, run };
}

const forms: LangSmithServerOptions[] = [
  { multipart: false },
  { multipart: true },
  { multipart: true, compression: "gzip" },
  { multipart: true, compression: "zstd" },
];

describe.each(forms)("with %o", (form) => {
  it("the test's LangSmith assembles a run from what the client sends", async () => {
    const { server, client, run } = await traced(form);
    await run("first: before the client knows the server");
    await server.waitForRun(({ name, end_time }) => name === "outer" && end_time !== undefined);
    await run("grüße");
    const done = await server.waitForRun(({ outputs }) => outputs?.output === "GRÜSSE");
    await client.awaitPendingTraceBatches();
    const outer = await server.waitForRun(({ name, outputs }) => name === "outer" && outputs?.output === "GRÜSSE");
    const inner = await server.waitForRun(({ parent_run_id }) => parent_run_id === outer.id);
    expect(done.trace_id).toBe(outer.id);
    expect(outer).toMatchObject({ inputs: { input: "grüße" }, session_name: "test", tags: ["t"] });
    expect(outer.extra?.metadata).toMatchObject({ turn_id: "t1" });
    expect(inner.name).toBe("inner");
    expect(server.requests[0]?.headers["x-api-key"]).toBe("ls-key");
    const path = form.multipart ? "/runs/multipart" : "/runs/batch";
    expect(server.requests.filter((request) => request.path === path).length).toBeGreaterThan(0);
    const encodings = server.requests.map(({ headers }) => headers["content-encoding"]);
    if (form.compression) expect(encodings).toContain(form.compression);
    await server.close();
  });

  it("the test's LangSmith accepts feedback, sent alone or with the runs", async () => {
    const { server, client, run } = await traced(form);
    await run("hi");
    const { id } = await server.waitForRun(({ name }) => name === "outer");
    const { id: sessionId } = await client.readProject({ projectName: "test" });
    await client.createFeedback({ runId: id, sessionId, key: "user", score: 1 });
    await client.createFeedback({ runId: id, sessionId, traceId: id, key: "user", score: -1, comment: "no" });
    await client.awaitPendingTraceBatches();
    await expect
      .poll(() => server.feedback)
      .toMatchObject([
        { run_id: id, score: 1 },
        { score: -1, comment: "no" },
      ]);
    await server.close();
  });
});

it.each(["dead", "refuse", 500] as const)(
  "the test's LangSmith does not delay a run when it is %s",
  async (behaviour) => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { server, run } = await traced({ behaviour });
    expect(await run("hi")).toBe("HI");
    expect(server.runs.size).toBe(0);
    await server.close();
  },
);

it("the test's LangSmith accepts single runs and patches", async () => {
  const server = await startLangSmithServer();
  const client = new Client({ apiUrl: server.url, apiKey: "k", autoBatchTracing: false });
  const id = crypto.randomUUID();
  await client.createRun({ id, name: "one", run_type: "chain", inputs: { a: 1 } });
  await client.updateRun(id, { outputs: { b: 2 }, end_time: Date.now() });
  expect(server.runs.get(id)).toMatchObject({ name: "one", inputs: { a: 1 }, outputs: { b: 2 } });
  await server.close();
});
