import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { faults, gate, isText, type ModelRequest } from "../support/model-server.ts";
import type { End } from "../support/payload.ts";
import { start } from "../support/start.ts";

/** A message that the local stage is sure about, and one that it is not. */
const plain = "thanks!";
const unclear = "the thing with the two services and so on";

const isRouting = ({ system }: ModelRequest) => system.startsWith("You choose which engine answers");
const routed = (type: string) => ({
  json: { type, confidence: 0.9, reason: "The test says so.", standalone_question: "" },
});

async function ask(server: Awaited<ReturnType<typeof start>>, content: string, extra: object = {}): Promise<End> {
  await using client = await server.connect();
  const conversation = await client.join(`decide-${Math.random()}`);
  return (await conversation.ask(content, extra)).terminal.payload;
}

describe("the router", () => {
  const servers = Promise.all([
    start({ ROUTING_THRESHOLD: "" }),
    start({ ROUTING_THRESHOLD: "0.01" }),
    start({ ROUTING: "local" }),
    start({ ROUTING: "speculative" }),
  ]);
  afterAll(async () => {
    for (const server of await servers) await server.close();
  });
  beforeEach(async () => {
    for (const server of await servers) server.model.reset();
  });

  it("uses the local stage if it is sure, and gives a reason", async () => {
    const [server] = await servers;
    const { conversation_type, metadata } = await ask(server, plain);
    expect(conversation_type).toBe("simple");
    expect(metadata.routing).toEqual({
      decided_by: "local",
      confidence: expect.closeTo(0.9, 0.5),
      reason: expect.stringMatching(/\w/),
    });
    expect(metadata.usage.llm_calls).toBe(1);
  });

  it("asks the model otherwise", async () => {
    const [server] = await servers;
    server.model.nextFor(isRouting, routed("complex"));
    const { conversation_type, metadata } = await ask(server, unclear);
    expect(conversation_type).toBe("complex");
    expect(metadata.routing).toEqual({ decided_by: "model", confidence: 0.9, reason: "The test says so." });
  });

  it("falls back to the local stage if the model fails", async () => {
    const [server] = await servers;
    server.model.nextFor(isRouting, faults.unauthorized);
    const { metadata } = await ask(server, unclear);
    expect(metadata.routing?.decided_by).toBe("local");
    expect(metadata.routing?.confidence).toBeLessThan(0.9);
  });

  it("uses ROUTING_THRESHOLD as the minimum confidence", async () => {
    const [, bold] = await servers;
    expect((await ask(bold, unclear)).metadata.routing?.decided_by).toBe("local");
  });

  it("never asks the model with ROUTING=local", async () => {
    const [, , local] = await servers;
    expect((await ask(local, unclear)).metadata.routing?.decided_by).toBe("local");
    expect(local.model.requests.filter(isRouting)).toEqual([]);
  });

  it("uses the engine that the client asks for", async () => {
    const [server] = await servers;
    const { conversation_type, metadata } = await ask(server, plain, { options: { engine: "analysis" } });
    expect({ conversation_type, by: metadata.routing?.decided_by }).toEqual({
      conversation_type: "analysis",
      by: "client",
    });
  });

  describe("with ROUTING=speculative", () => {
    const crashing = "my build fails since the update, npm install stops with ERESOLVE and I do not know why";

    it("starts the most likely engine's first step while the model decides, and runs it only once", async () => {
      const [, , , server] = await servers;
      const decision = gate();
      server.model.nextFor(isRouting, { ...routed("problem_solving"), gate: decision });
      const answered = ask(server, crashing);
      await server.model.waitForRequest(2);
      expect(server.model.requests.filter(({ structured }) => structured)).toHaveLength(2);
      decision.open();
      const { conversation_type, metadata } = await answered;
      expect(conversation_type).toBe("problem_solving");
      expect(metadata).toHaveProperty("root_cause");
      expect(server.model.requests).toHaveLength(3);
      expect(metadata.usage.llm_calls).toBe(3);
    });

    it("aborts that step's request if the model picks another engine", async () => {
      const [, , , server] = await servers;
      const [decision, step] = [gate(), gate()];
      server.model.nextFor(isRouting, { ...routed("simple"), gate: decision });
      server.model.nextFor((request) => !isRouting(request) && !isText(request), { gate: step });
      const answered = ask(server, crashing);
      await server.model.waitForRequest(2);
      decision.open();
      const { conversation_type, metadata, response } = await answered;
      expect(conversation_type).toBe("simple");
      expect(response).toBe(`Answer to: ${crashing}`);
      expect(metadata).not.toHaveProperty("root_cause");
      const dropped = server.model.requests.find((request) => !isRouting(request) && !isText(request));
      await dropped?.closed;
      expect(dropped?.closedByClientAt).toEqual(expect.any(Number));
      expect(metadata.usage.llm_calls).toBe(3);
    });
  });
});
