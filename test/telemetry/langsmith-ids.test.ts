import { afterEach, expect, it, vi } from "vitest";

import { startLangSmithServer } from "../support/langsmith-server.ts";
import { startOtlpServer } from "../support/otlp-server.ts";
import { start } from "../support/start.ts";
import { attemptOf, tracedTo } from "./support.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

it("a turn's run in LangSmith has the ids of its span, and knows when its first token came", async () => {
  await using langsmith = await startLangSmithServer();
  await using otlp = await startOtlpServer();
  vi.stubEnv("LANGSMITH_TRACING", "true");
  vi.stubEnv("LANGSMITH_ENDPOINT", langsmith.url);
  vi.stubEnv("LANGSMITH_API_KEY", "langsmith-key");
  await using server = await start({ LANGSMITH_TRACING: "true", ...tracedTo(otlp) });
  await using client = await server.connect();
  const { reply } = await (await client.join("both")).ask("Hi", { options: { engine: "simple" } });
  const { traceId, spanId } = await attemptOf(otlp, reply.turn_id);
  const root = await langsmith.waitForRun((run) => run.name === "conversation turn" && run.end_time !== undefined);
  expect(root.extra?.metadata).toMatchObject({ otel_trace_id: traceId, otel_span_id: spanId });
  const call = await langsmith.waitForRun((run) => run.run_type === "llm" && run.end_time !== undefined);
  expect(call.events).toContainEqual(expect.objectContaining({ name: "new_token" }));
});
