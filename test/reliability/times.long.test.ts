import { afterAll, expect, it } from "vitest";

import { rawClient } from "../support/raw-client.ts";
import { start } from "../support/start.ts";
import { figures, percentile, simple, unlimited } from "./support.ts";

const server = await start(unlimited);
afterAll(() => server.close());

it("a message is reported as accepted within 50 ms", async () => {
  await using client = await server.connect();
  const conversation = await client.join("accepted");
  await conversation.ask("The first turn of a process warms it up", simple);
  const took: number[] = [];
  for (let n = 1; n <= 20; n += 1) {
    server.model.next({ text: "At last", headersDelayMs: 60 });
    const from = performance.now();
    const { turnId, events } = await conversation.ask(`Question ${n}`, simple);
    const accepted = events.find(({ payload }) => payload.turn_id === turnId && payload.stage === "accepted");
    took.push((accepted?.at ?? Number.POSITIVE_INFINITY) - from);
  }
  figures("from a message to `thinking`, ms", { p50: percentile(took, 50), p95: percentile(took, 95) });
  expect(percentile(took, 95)).toBeLessThan(50);
});

it("a refused join takes as long for a full conversation as for an empty one", async () => {
  await using owner = await server.connect({ apiKey: "key-a" });
  await owner.join("empty");
  const full = await owner.join("full");
  await full.push("set_context", { context: { secret: "x".repeat(10_000) } });
  await full.ask("Hello?", simple);
  await using client = await rawClient(server.url, { params: { api_key: "key-b" } });
  const times = { "conversation:full": [] as number[], "conversation:empty": [] as number[] };
  for (let attempt = 0; attempt < 100; attempt += 1) {
    for (const [topic, taken] of Object.entries(times)) {
      const from = performance.now();
      client.send(["1", "1", topic, "phx_join", {}]);
      const reply = await client.next(([, ref]) => ref === "1");
      expect(reply[4].status).toBe("error");
      taken.push(performance.now() - from);
    }
  }
  const medians = Object.values(times).map((taken) => percentile(taken, 50));
  figures("a refused join, ms", { medians });
  expect(Math.abs((medians[0] ?? Number.NaN) - (medians[1] ?? Number.NaN))).toBeLessThan(1);
});
