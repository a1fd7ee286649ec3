import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { Client } from "../support/client.ts";
import { faults, type ModelServer, startModelServer } from "../support/model-server.ts";
import { type SpawnedServer, spawnServer } from "../support/spawned.ts";
import { metric } from "./metrics.ts";

const folder = mkdtempSync(join(tmpdir(), "steps-"));
let model: ModelServer;
let server: SpawnedServer;
let client: Client;

beforeAll(async () => {
  model = await startModelServer();
  server = await spawnServer({
    OPENAI_BASE_URL: model.url,
    MODEL: "m",
    DATABASE_URL: `sqlite:${folder}/test.db`,
    ROUTING_THRESHOLD: "1", // the model always chooses the engine
    LOG_LEVEL: "info",
  });
  client = await server.connect();
});
beforeEach(() => model.reset());
afterAll(async () => {
  await client.close();
  await server.end("SIGKILL");
  await model.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a step that fails", () => {
  it.each([
    ["by an error of the model server", "analysis", "inspect", faults.serverError, "model_unavailable"],
    ["by a refusal", "problem_solving", "diagnose", faults.refusal, "model_refused"],
    ["by a reply that is of no use", "generation", "plan", { text: "I would rather not." }, "unusable_reply"],
  ])("%s is told, named in the warnings, logged and counted, and the answer still comes", async (...row) => {
    const [_how, engine, step, reply, code] = row;
    // A step whose reply does not match is asked again as plain text.
    model.answer(({ structured, system }) =>
      structured || system.includes('"properties"') ? reply : { text: "The answer: `x`\n\n    code" },
    );
    const conversation = await client.join(engine);
    const { thinking, terminal, text } = await conversation.ask("Why?", { options: { engine } });
    const finished = thinking.find((one) => one.stage === "step_finished" && one.step === step);
    expect(finished).toMatchObject({ detail: null, failed: true });
    expect(terminal).toMatchObject({ event: "response", payload: { response: "The answer: `x`\n\n    code" } });
    expect(text).toBe(terminal.payload.response);
    expect(terminal.payload.metadata.warnings).toEqual([expect.stringContaining(`"${step}"`)]);
    const logged = server.output.filter((line) => line.startsWith("{")).map((line): object => JSON.parse(line));
    expect(logged).toContainEqual(
      expect.objectContaining({ turn_id: terminal.payload.turn_id, step, code, model: "m" }),
    );
    expect(await metric(server.http, `steps_failed_total{step="${step}",code="${code}"}`)).toBe(1);
  });

  it("is the only one that is reported as failed", async () => {
    const conversation = await client.join("sound");
    const { thinking, terminal } = await conversation.ask("Why?", { options: { engine: "analysis" } });
    expect(thinking.filter(({ stage }) => stage === "step_finished")).toHaveLength(1);
    expect(thinking.filter((one) => "failed" in one)).toEqual([]);
    expect(terminal.payload.metadata).not.toHaveProperty("warnings");
  });

  it("leaves the decision to the local classifier if it is the router", async () => {
    model.answer(({ schema }) => (schema ? faults.serverError : undefined));
    const conversation = await client.join("routed");
    const { terminal } = await conversation.ask("Hm, and?");
    expect(terminal.event).toBe("response");
    expect(terminal.payload.metadata.routing?.decided_by).toBe("local");
    expect(terminal.payload.metadata.warnings).toEqual([expect.stringContaining('"router"')]);
    const code = "model_unavailable";
    expect(await metric(server.http, `steps_failed_total{step="router",code="${code}"}`)).toBe(1);
  });
});
