import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

import { startModelServer } from "../support/model-server.ts";
import { spawnServer } from "../support/spawned.ts";

const folder = mkdtempSync(join(tmpdir(), "broken-disk-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("a server whose disk fails to sync exits, and the next start answers the accepted messages", {
  timeout: 30_000,
}, async () => {
  await using model = await startModelServer();
  const marker = join(folder, "broken");
  const env = { OPENAI_BASE_URL: model.url, MODEL: "m", DATABASE_URL: `sqlite:${folder}/test.db`, BROKEN_SYNC: marker };
  const preload = new URL("broken-sync.ts", import.meta.url).pathname;
  const first = await spawnServer(env, process.cwd(), { nodeArguments: ["--import", preload] });
  const before = await first.connect();
  const conversation = await before.join("c");
  await conversation.ask("one", { options: { engine: "simple" } });
  writeFileSync(marker, "");
  conversation.push("message", { content: "two", options: { engine: "simple" } }).catch(() => {}); // the server may be gone already
  expect(await first.exited).toEqual([1, null]);
  await before.close();
  rmSync(marker);

  await using second = await spawnServer(env);
  await using client = await second.connect();
  const again = await client.join("c");
  await expect
    .poll(async () => {
      const { response } = await again.push("get_history", {});
      return (response.turns ?? []).map(({ query, status }: { query: string; status: string }) => [query, status]);
    })
    .toEqual([
      ["one", "completed"],
      ["two", "completed"],
    ]);
  expect((await again.ask("three", { options: { engine: "simple" } })).terminal.event).toBe("response");
});
