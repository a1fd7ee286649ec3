import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

import { isStructured, isText, startModelServer } from "../support/model-server.ts";
import { spawnServer } from "../support/spawned.ts";
import { figures, unlimited } from "./support.ts";

const kills = 3;

it("a step that was reported as finished is never run again", { timeout: 40_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "finished-step-"));
  await using model = await startModelServer();
  model.answer((request) => (isText(request) ? { text: "one two three", chunkDelayMs: 20 } : undefined));
  const env = { OPENAI_BASE_URL: model.url, DATABASE_URL: `sqlite:${folder}/test.db`, MODEL: "m", ...unlimited };
  const calls: number[] = [];
  for (let n = 1; n <= kills; n += 1) {
    const asked = model.requests.length;
    const first = await spawnServer(env);
    const before = await first.connect();
    const conversation = await before.join(`c${n}`);
    void conversation.push("message", { content: `Why ${n}?`, options: { engine: "analysis" } });
    const { turn_id } = await conversation.next("thinking", ({ stage }) => stage === "step_finished");
    await first.end("SIGKILL");
    before.socket.disconnect();

    await using second = await spawnServer(env);
    await using client = await second.connect();
    await (await client.join(`c${n}`)).turn(turn_id);
    calls.push(model.requests.slice(asked).filter(isStructured).length);
  }
  figures("kill -9 as soon as a step is told to be finished", { structuredCalls: calls });
  expect(calls).toEqual(Array<number>(kills).fill(1));
  rmSync(folder, { recursive: true, force: true });
});
