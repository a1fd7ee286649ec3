import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { expect } from "vitest";

import { page } from "../client/support.ts";
import { type Conversation, connect } from "../support/client.ts";
import { gate, startModelServer } from "../support/model-server.ts";
import { spawnServer } from "../support/spawned.ts";
import { databaseFile } from "./database-file.ts";

const simple = { options: { engine: "simple" as const } };

/** Minimum number of checks while the lock is held. */
const fewestLooks = 20;

/** Another program locks the database while turns stream. Checks everything that a user can notice. */
export async function bearsLock(lockMs: number): Promise<void> {
  using file = await databaseFile();
  await using model = await startModelServer();
  await using server = await spawnServer({
    ...file.env,
    OPENAI_BASE_URL: model.url,
    MODEL: "m",
    RATE_LIMIT_MESSAGES: "0",
    RATE_LIMIT_PUSHES: "0",
    RATE_LIMIT_JOINS: "0",
    RATE_LIMIT_CONNECTIONS: "0",
  });
  await using client = await server.connect();
  const names = ["ends", "streams", "typed", "pushed"];
  const [ends, streams, , pushed] = await Promise.all(names.map((name) => client.join(name)));
  if (!ends || !streams || !pushed) throw new Error("not joined");
  await using typed = page(server.url, "typed");
  await typed.conversation.joined;
  const ended = await streaming(ends, "ends", 50);
  const streamed = await streaming(streams, "streams", 100_000);

  async function streaming(conversation: Conversation, content: string, length: number) {
    const door = gate();
    model.nextFor(({ user }) => user === content, { chunks: Array(length).fill("word "), gate: door });
    const { response } = await conversation.push("message", { content, ...simple });
    door.release();
    await conversation.next("response_delta");
    return { door, turnId: response.turn_id };
  }

  /** Checks everything that has to work while nothing can be written. */
  async function look(): Promise<void> {
    for (const path of ["/readyz", "/healthz"]) {
      const response = await fetch(`${server.http}${path}`, { signal: AbortSignal.timeout(2_000) });
      expect(response.status, path).toBe(200);
    }
    streamed.door.release();
    await streams?.next("response_delta", () => true, 2_000);
    await using another = await connect(server.url, { apiKey: "key-a" });
    const joined = await another.join("first");
    expect((await joined.push("get_history")).response.turns).toHaveLength(1);
  }

  const program = new Database(file.path);
  program.exec("BEGIN IMMEDIATE");
  let isOver = false;
  const over = sleep(lockMs).then(() => {
    isOver = true;
  });
  ended.door.open();
  const reply = pushed.push("message", { content: "pushed", ...simple });
  const asked = typed.conversation.ask("typed", simple);
  for (let looks = 0; looks < fewestLooks || !isOver; looks += 1) await look();
  await over;
  program.exec("ROLLBACK");
  program.close();

  const whole = await ends.turn(ended.turnId);
  expect(whole.terminal).toMatchObject({ event: "response", payload: { response: "word ".repeat(50) } });
  expect(whole.text).toBe("word ".repeat(50));
  expect((await asked.response).response).toBe("Answer to: typed");
  const { status, response } = await reply;
  if (status === "ok") await pushed.turn(response.turn_id);
  else {
    expect(response).toMatchObject({ reason: "busy", details: { code: "busy" } });
    expect(response.details.retry_after_ms).toBeGreaterThan(0);
  }
  streamed.door.open();
  await streams.push("stop", { turn_id: streamed.turnId });
  await streams.turn(streamed.turnId);
  expect(await statuses(client.join("ends"))).toEqual(["completed"]);
  expect(await statuses(client.join("typed"))).toEqual(["completed"]);
  expect(await statuses(client.join("pushed"))).toEqual(status === "ok" ? ["completed"] : []);
}

async function statuses(joining: Promise<Conversation>): Promise<string[]> {
  const { response } = await (await joining).push("get_history");
  return response.turns.map((turn) => turn.status);
}
