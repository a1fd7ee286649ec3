import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { startModelServer } from "../support/model-server.ts";
import { startOtlpServer } from "../support/otlp-server.ts";
import { some } from "../support/size.ts";
import { spawnServer } from "../support/spawned.ts";
import { start } from "../support/start.ts";
import { attemptOf, tracedTo } from "./support.ts";

const simple = { options: { engine: "simple" } };

/** A server in a process of its own, that prints which packages of OpenTelemetry it loads. */
async function spawned(env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "telemetry-"));
  const nodeArguments = ["--import", new URL("modules.ts", import.meta.url).pathname];
  return await spawnServer({ DATABASE_URL: `sqlite:${folder}/test.db`, DEMO_WORD_MS: "0", ...env }, undefined, {
    nodeArguments,
  });
}

const loadedBy = ({ output }: { output: string[] }) => output.filter((line) => line.startsWith("loads "));

describe("OpenTelemetry", () => {
  const off: Record<string, string>[] = [
    { OTEL_SDK_DISABLED: "true" },
    { OTEL_TRACES_EXPORTER: "none" },
    { OTEL_EXPORTER_OTLP_ENDPOINT: "" },
  ];

  it.each(off)("is switched off by %j", async (switches) => {
    await using otlp = await startOtlpServer();
    await using server = await start({ ...tracedTo(otlp), ...switches });
    await using client = await server.connect();
    await (await client.join("untraced")).ask("One", simple);
    await client.close();
    await server.close(); // sends what is left
    expect(otlp.requests).toEqual([]);
  });

  it.each(some<Record<string, string>>([{}, ...off]))(
    "is not loaded with %j; the metrics' library loads its interface by itself",
    async (switches) => {
      await using otlp = await startOtlpServer();
      await using server = await spawned(Object.keys(switches).length > 0 ? { ...tracedTo(otlp), ...switches } : {});
      await using client = await server.connect();
      await (await client.join("untraced")).ask("One", simple);
      expect(loadedBy(server)).toEqual(["loads @opentelemetry/api for prom-client"]);
    },
  );

  it("takes headers, names and attributes from its standard variables, and sends what is left at the end", async () => {
    await using otlp = await startOtlpServer();
    await using server = await spawned({
      ...tracedTo(otlp),
      OTEL_BSP_SCHEDULE_DELAY: "600000",
      OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=one,authorization=Basic%20abc",
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_SERVICE_NAME: "our-chat",
      OTEL_RESOURCE_ATTRIBUTES: "service.name=another,deployment.environment.name=staging,team=a%20b",
    });
    await using client = await server.connect();
    const { reply } = await (await client.join("traced")).ask("One", simple);
    expect(otlp.requests).toEqual([]);
    expect(await server.end("SIGTERM")).toEqual([0, null]);
    const { resource } = await attemptOf(otlp, reply.turn_id);
    expect(resource).toMatchObject({
      "service.name": "our-chat",
      "service.version": expect.any(String),
      "service.instance.id": expect.any(String),
      "deployment.environment.name": "staging",
      team: "a b",
    });
    expect(otlp.requests[0]).toMatchObject({
      path: "/v1/traces",
      headers: { "x-tenant": "one", authorization: "Basic abc", "content-encoding": "gzip" },
    });
  });

  it("speaks protobuf unless told otherwise, and may have an URL for traces alone", async () => {
    await using otlp = await startOtlpServer();
    const endpoint = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${otlp.url}/other/traces`, OTEL_BSP_SCHEDULE_DELAY: "1" };
    await using server = await start(endpoint);
    await using client = await server.connect();
    await (await client.join("binary")).ask("One", simple);
    const { path, headers, body } = await otlp.waitForRequest();
    expect([path, headers["content-type"]]).toEqual(["/other/traces", "application/x-protobuf"]);
    expect(body.toString("latin1")).toMatch(/invoke_agent|router/);
  });

  it.each([
    ["always_off", "1", 0],
    ["traceidratio", "0", 0],
    ["parentbased_traceidratio", "1", 2],
  ])("samples turns as OTEL_TRACES_SAMPLER says: %s of %s", async (sampler, share, expected) => {
    await using otlp = await startOtlpServer();
    const sampled = { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: share };
    const server = await start({ ...tracedTo(otlp), ...sampled });
    const client = await server.connect();
    const conversation = await client.join("sampled");
    for (const text of ["One", "Two"]) await conversation.ask(text, simple);
    await client.close();
    await server.close();
    expect(otlp.spans.filter(({ name }) => name.startsWith("invoke_agent"))).toHaveLength(expected);
  });

  it("refuses to start with a protocol that it does not speak", async () => {
    await expect(start({ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" })).rejects.toThrow(
      "OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf or http/json",
    );
  });
});

describe("a collector that does not work", () => {
  it.each(some(["dead", "refuse", 400] as const))(
    "that is %s changes nothing for turns, and delays no shutdown",
    async (behaviour) => {
      await using otlp = await startOtlpServer();
      otlp.behave(behaviour);
      const server = await start({
        ...tracedTo(otlp),
        OTEL_BSP_MAX_QUEUE_SIZE: "10",
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "5",
      });
      const client = await server.connect();
      const conversation = await client.join("unsent");
      for (let turn = 1; turn <= 10; turn += 1) {
        const { terminal } = await conversation.ask(`Turn ${turn}`, simple);
        expect(terminal.event).toBe("response");
      }
      const began = performance.now();
      await client.close();
      await server.close();
      expect(performance.now() - began).toBeLessThan(5_000);
    },
  );

  it("is told once in the log, and counted", async () => {
    await using otlp = await startOtlpServer();
    otlp.behave(400);
    await using server = await spawned({ ...tracedTo(otlp), LOG_LEVEL: "info" });
    await using client = await server.connect();
    const conversation = await client.join("unsent");
    const lost = async () =>
      /^trace_spans_lost_total (\d+)$/m.exec(await (await fetch(`${server.http}/metrics`)).text())?.[1];
    await conversation.ask("One", simple);
    await expect.poll(async () => Number(await lost())).toBeGreaterThanOrEqual(4);
    await conversation.ask("Two", simple);
    await expect.poll(async () => Number(await lost())).toBeGreaterThanOrEqual(8);
    expect(server.output.filter((line) => line.includes("traces cannot be sent"))).toHaveLength(1);
    otlp.behave("ok");
    await conversation.ask("Three", simple);
    await expect.poll(() => server.output.filter((line) => line.includes("traces are sent again"))).toHaveLength(1);
  });
});

describe("the log", () => {
  it("names the turn's span in every line about the turn", async () => {
    await using otlp = await startOtlpServer();
    await using model = await startModelServer();
    model.answer(() => ({ status: 401 }));
    await using server = await spawned({ ...tracedTo(otlp), LOG_LEVEL: "info", OPENAI_BASE_URL: model.url });
    await using client = await server.connect();
    const { reply } = await (await client.join("logged")).ask("One", simple);
    const { traceId, spanId } = await attemptOf(otlp, reply.turn_id);
    const lines = () => server.output.filter((line) => line.includes(reply.turn_id)).map((line) => JSON.parse(line));
    await expect.poll(() => lines().map(({ msg }) => msg)).toEqual(["turn failed", "turn ended"]);
    for (const line of lines()) expect(line).toMatchObject({ trace_id: traceId, span_id: spanId });
  });
});
