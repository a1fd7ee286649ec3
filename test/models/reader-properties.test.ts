import fc from "fast-check";
import { expect, it } from "vitest";

import { simple } from "../support/conversation.ts";
import { size } from "../support/size.ts";
import { start, unlimited } from "../support/start.ts";
import { mutated } from "./reader-mutations.ts";
import { type Outcome, read } from "./reading.ts";

/** At the same time. */
const conversations = 60;

const runs = size(1_000, 100_000);

/** What must not depend on where the network splits a body. Reasoning and text of one read are told in this order, whichever came first. */
function essence(outcome: Outcome) {
  if (!("error" in outcome)) return [outcome.text, [...outcome.reasoning].sort(), outcome.finish];
  return [outcome.error.name, outcome.error.message, outcome.error.code];
}

it("any mutation of a valid stream is one reply or one failure, wherever the network splits it", () => {
  const kinds = { replies: 0, failures: 0 };
  fc.assert(
    fc.property(mutated, ({ body, cuts, isCut }) => {
      const outcome = read(body, { isCut }); // throws if it is neither
      kinds["error" in outcome ? "failures" : "replies"] += 1;
      expect(essence(read(body, { isCut, cuts }))).toEqual(essence(outcome));
    }),
    { numRuns: runs },
  );
  expect(Math.min(kinds.replies, kinds.failures)).toBeGreaterThan(runs / 10);
});

it("any mutation of a valid stream ends its turn once, and never as `internal`", async () => {
  await using server = await start({ ...unlimited, MODEL_TIMEOUT_MS: "10000" });
  await using client = await server.connect();
  const headers = { "content-type": "text/event-stream" };
  const bodies = fc.sample(mutated, size(60, 3_000)).map(({ body }) => body.toString());
  server.model.answer(({ user }) => ({ rawBody: bodies[Number(user)] ?? "", headers }));
  const codes = new Map<string, number>();

  async function talk(first: number): Promise<void> {
    const conversation = await client.join(crypto.randomUUID());
    for (let index = first; index < bodies.length; index += conversations) {
      const { turnId, terminal, text } = await conversation.ask(String(index), simple);
      const { response, details } = terminal.payload;
      if (terminal.event === "response") expect(response).toBe(text);
      codes.set(details?.code ?? "response", 1 + (codes.get(details?.code ?? "response") ?? 0));
      expect(conversation.terminals(turnId)).toHaveLength(1);
    }
  }

  await Promise.all(Array.from({ length: conversations }, (_, index) => talk(index)));
  const known = ["response", "model_unavailable", "model_rate_limited", "model_refused"];
  expect([...codes.keys()].filter((code) => !known.includes(code))).toEqual([]);
});
