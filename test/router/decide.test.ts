import { afterAll, beforeEach, describe, expect, it } from "vitest";

import type { Payload } from "../support/client.ts";
import { faults, gate, isText, type ModelRequest } from "../support/model-server.ts";
import { start } from "../support/start.ts";

/** A message that the local stage is sure of, and one that could be anything. */
const plain = "thanks!";
const unclear = "the thing with the two services and so on";

const isRouting = ({ system }: ModelRequest) => system.startsWith("You choose which engine answers");
const routed = (type: string) => ({
  json: { type, confidence: 0.9, reason: "The test says so.", standalone_question: "" },
});

async function ask(server: Awaited<ReturnType<typeof start>>, content: string, extra: object = {}): Promise<Payload> {
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

  it("decides alone where its local stage is sure, and says why", async () => {
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

  it("asks the model where it is not", async () => {
    const [server] = await servers;
    server.model.nextFor(isRouting, routed("complex"));
    const { conversation_type, metadata } = await ask(server, unclear);
    expect(conversation_type).toBe("complex");
    expect(metadata.routing).toEqual({ decided_by: "model", confidence: 0.9, reason: "The test says so." });
  });

  it("decides alone after all where the model gives no answer", async () => {
    const [server] = await servers;
    server.model.nextFor(isRouting, faults.unauthorized);
    const { metadata } = await ask(server, unclear);
    expect(metadata.routing.decided_by).toBe("local");
    expect(metadata.routing.confidence).toBeLessThan(0.9);
  });

  it("is as sure as ROUTING_THRESHOLD wants it to be", async () => {
    const [, bold] = await servers;
    expect((await ask(bold, unclear)).metadata.routing.decided_by).toBe("local");
  });

  it("asks nobody with ROUTING=local", async () => {
    const [, , local] = await servers;
    expect((await ask(local, unclear)).metadata.routing.decided_by).toBe("local");
    expect(local.model.requests.filter(isRouting)).toEqual([]);
  });

  it("takes the client's word before its own", async () => {
    const [server] = await servers;
    const { conversation_type, metadata } = await ask(server, plain, { options: { engine: "analysis" } });
    expect({ conversation_type, by: metadata.routing.decided_by }).toEqual({
      conversation_type: "analysis",
      by: "client",
    });
  });

  describe("with ROUTING=speculative", () => {
    const crashing = "my build fails since the update, npm install stops with ERESOLVE and I do not know why";

    it("begins the likeliest engine's first step while it asks, and asks for it once", async () => {
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

    it("drops it when the model decides otherwise, and its request is closed", async () => {
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
