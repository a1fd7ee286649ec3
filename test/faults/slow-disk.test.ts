import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Client } from "../support/client.ts";
import { gate, type ModelServer, startModelServer } from "../support/model-server.ts";
import { type SpawnedServer, spawnServer } from "../support/spawned.ts";
import { unlimited } from "../support/start.ts";

const simple = { engine: "simple" };

/** The next turn is claimed as soon as the previous one has ended, and starts once the claim is on disk. */
describe("while a claim is being written to a slow disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "slow-disk-"));
  let model: ModelServer;
  let server: SpawnedServer;
  let client: Client;
  beforeAll(async () => {
    model = await startModelServer();
    const nodeArguments = ["--import", new URL("../support/slow-disk.ts", import.meta.url).href];
    const env = {
      ...unlimited,
      OPENAI_BASE_URL: model.url,
      DATABASE_URL: `sqlite:${folder}/test.db`,
      MODEL: "m",
      DISK_SYNC_MS: "800",
    };
    server = await spawnServer(env, undefined, { nodeArguments });
    client = await server.connect();
  });
  afterAll(async () => {
    await client.close();
    await server.end("SIGKILL");
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A queued turn, at the moment when the turn before it has ended. */
  /** A turn whose claim waits for a sync that has not begun, since the disk is busy with another one. */
  async function next(id: string) {
    const conversation = await client.join(id);
    const other = await client.join(`other-than-${id}`);
    const door = gate();
    model.next({ text: "First.", gate: door });
    const first = await conversation.push("message", { content: `${id}: first?`, options: simple });
    const second = await conversation.push("message", { content: `${id}: second?`, options: simple });
    void other.push("set_context", { context: {} });
    await conversation.push("typing", { typing: false });
    door.open();
    await conversation.turn(first.response.turn_id);
    return { conversation, turnId: second.response.turn_id };
  }

  const asked = (query: string) => model.requests.filter(({ user }) => user === query);

  it("a stop is not lost: the turn ends without a model call", async () => {
    const { conversation, turnId } = await next("stopped");
    const { status } = await conversation.push("stop", { turn_id: turnId });
    expect(status).toBe("ok");
    const { terminal } = await conversation.turn(turnId);
    expect(terminal).toMatchObject({ event: "response", payload: { response: "", metadata: { stopped: true } } });
    expect(asked("stopped: second?")).toEqual([]);
  });

  it("a reset is not lost: the new session gets no event of the turn, and there is no model call", async () => {
    const { conversation, turnId } = await next("reset");
    await conversation.push("new_conversation");
    await conversation.ask("Anew?", { options: simple });
    const reset = conversation.events.findIndex(({ event }) => event === "conversation_reset");
    const later = conversation.events.slice(reset + 1).map(({ payload }) => payload.turn_id);
    expect(later).not.toContain(turnId);
    expect(asked("reset: second?")).toEqual([]);
  });
});
