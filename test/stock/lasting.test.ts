import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Conversation } from "../support/client.ts";
import { isLong } from "../support/size.ts";
import { type Asking, linesOf, type Step, script, startAsking } from "./asking-engine.ts";

let asking: Asking;

beforeAll(async () => {
  asking = await startAsking();
});

afterAll(() => asking[Symbol.asyncDispose]());

/** Lets a turn ask, restarts the server after each question, and answers it. Returns the end of the turn. */
async function answered(id: string, steps: Step[] | object, restart: () => Promise<void>) {
  const first = await asking.connect();
  const before = await first.join(id);
  const asked = await before.push("message", Array.isArray(steps) ? script(...steps) : steps);
  const { turn_id } = asked.response;
  let questions = (await before.next("input_requested")).requests;
  await first.close();
  for (;;) {
    await restart();
    await using client = await asking.connect();
    const conversation = await client.join(id);
    expect((await conversation.next("input_requested")).requests).toEqual(questions);
    const responses = questions.map(({ interrupt_id }) => ({ interrupt_id, value: "yes" }));
    expect(await conversation.push("respond", { turn_id, responses })).toMatchObject({ status: "ok" });
    const next = await Promise.race([
      conversation.next("input_requested").then(({ requests }) => requests),
      conversation.turn(turn_id).then(({ terminal }) => terminal),
    ]);
    if (!Array.isArray(next)) return next;
    questions = next;
  }
}

async function says(conversation: Conversation, ...steps: Step[]) {
  const { content, options } = script(...steps);
  return (await conversation.ask(content, { options })).terminal.payload.response;
}

describe("a turn that waits for long", () => {
  it.runIf(isLong)(
    "runs nothing again with clocks that are set back and forth by an hour between its waits and restarts",
    {
      timeout: 120_000,
    },
    async () => {
      const files = [asking.file(), asking.file(), asking.file(), asking.file()] as const;
      const hours = [1, -1, -2, 0];
      const [one, siblings, two, effect] = files;
      const steps: Step[] = [
        { mark: "one", file: one },
        { all: ["a", "b", "c"], file: siblings },
        { mark: "two", file: two },
        { twice: ["first?", "second?"] },
        { permit: "May I?" },
        { tool: "effect", file: effect },
      ];
      const { payload } = await answered("clocks", steps, () => asking.restart({ hoursAhead: hours.shift() ?? 0 }));
      expect(payload.response).toBe('["yes","yes"]effect.');
      expect(files.map((file) => linesOf(file).length)).toEqual([1, 3, 1, 1]);
      expect(hours).toEqual([]);
    },
  );

  it.runIf(isLong)(
    "is answered after a week and many restarts, from the memory of its time",
    { timeout: 900_000 },
    async () => {
      await using client = await asking.connect();
      const conversation = await client.join("week");
      expect(await says(conversation, { say: "I said this." })).toBe("I said this.");
      await client.close();
      const restarts = 100;
      const { payload } = await answered("week", [{ permit: "?" }, { recall: true }], async () => {
        for (let count = 1; count < restarts; count += 1) {
          await asking.restart({
            signal: count % 2 === 0 ? "SIGKILL" : "SIGTERM",
            hoursAhead: (count * 24 * 7) / restarts,
          });
        }
        await asking.restart({ hoursAhead: 24 * 7 });
      });
      expect(payload.response).toBe(`${script({ say: "I said this." }).content} / I said this.`);
      expect(payload.metadata?.processing_time).toBeLessThan(60_000);
    },
  );

  it("keeps the prompts that it began with, and the next turn has the new ones", { timeout: 60_000 }, async () => {
    const prompts: Step[] = [{ prompt: "simple" }, { ask: "?" }, { prompt: "simple" }];
    const { payload } = await answered("prompts", prompts, async () => {
      asking.changePrompt("simple", "Be kind.");
      await asking.restart();
    });
    const [before, , after] = String(payload.response).split(/("yes")/);
    expect(after).toBe(before);
    await using client = await asking.connect();
    expect(await says(await client.join("prompts-next"), { prompt: "simple" })).not.toBe(before);
  });

  it("ends as interrupted if the node that asked is gone, or its engine", async () => {
    const file = asking.file();
    const restarted = Promise.withResolvers<void>();
    let asked = 0;
    async function restartOnce(): Promise<void> {
      asked += 1;
      if (asked === 2) {
        asking.renameNode();
        asking.withdraw();
        await asking.restart();
        restarted.resolve();
      }
      await restarted.promise;
    }
    const ended = await Promise.all([
      answered("renamed", { content: file, options: { engine: "approving" } }, restartOnce),
      answered("gone", [{ say: "Well" }, { ask: "?" }], restartOnce),
    ]);
    const interrupted = { event: "error", payload: { details: { code: "interrupted" } } };
    expect(ended).toMatchObject([interrupted, interrupted]);
    expect(linesOf(file)).toEqual([]);
  });
});
