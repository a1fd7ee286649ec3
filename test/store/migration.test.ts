import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { config } from "../../src/config.ts";
import { startServer } from "../../src/server.ts";
import { logger } from "../../src/telemetry/log.ts";
import { startModelServer } from "../support/model-server.ts";
import { isLong } from "../support/size.ts";
import { spawnServer } from "../support/spawned.ts";
import { apiKeys, start } from "../support/start.ts";
import { expectItsEnd, expectItsMemory, former, formerFile, formers, historyOf, told } from "./former.ts";

const flights = formers.flatMap((one) => (one.inFlight ?? []).map((flight) => ({ ...flight, former: one })));
const simple = { options: { engine: "simple" } };

describe("a database of the previous version", () => {
  const file = formerFile();
  let started: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    started = await start(file.env);
  });
  afterAll(async () => {
    await started.close();
    file[Symbol.dispose]();
  });

  it.each(formers)("still has the conversation $id with its owner, session and context", async (one) => {
    await using client = await started.connect({ apiKey: one.key });
    const conversation = await client.join(one.id);
    const last_turn_id = one.inFlight?.at(-1)?.turnId ?? one.turns.at(-1)?.turn_id ?? null;
    expect(conversation.joins).toMatchObject([{ session_id: one.sessionId, last_turn_id }]);
    expect((await conversation.push("set_context", { context: {} })).response.context).toEqual(one.context);
    await using other = await started.connect({ apiKey: one.key === "key-a" ? "key-b" : "key-a" });
    await expect(other.join(one.id)).rejects.toMatchObject({ response: { reason: "not_found" } });
  });

  it.each(formers)("still has the history of $id, word for word", async ({ id, key, turns, inFlight = [] }) => {
    await using client = await started.connect({ apiKey: key });
    const all = await historyOf(await client.join(id));
    expect(all.slice(0, turns.length)).toEqual(turns);
    expect(all.slice(turns.length).map(({ turn_id }) => turn_id)).toEqual(inFlight.map(({ turnId }) => turnId));
  });

  it("returns the history in pages", async () => {
    const { id, turns } = former("condensed");
    await using client = await started.connect();
    const conversation = await client.join(id);
    const { response: newest } = await conversation.push("get_history", { limit: 20 });
    expect(newest).toEqual({ turns: turns.slice(-20), has_more: true });
    const { response: older } = await conversation.push("get_history", { before: newest.turns[0]?.turn_id });
    expect(older).toEqual({ turns: turns.slice(0, -20), has_more: false });
  });

  it.each(["plain", "two-sessions"])(
    "still knows the message ids of %s, including those of an earlier session",
    async (id) => {
      await using client = await started.connect();
      const conversation = await client.join(id);
      for (const [messageId, turn_id] of Object.entries(former(id).clientIds ?? {})) {
        const again = await conversation.push("message", { content: "Again?", id: messageId, ...simple });
        expect(again).toMatchObject({ status: "ok", response: { turn_id, duplicate: true } });
      }
    },
  );

  it.each(flights)("ends the turn of $former.id that was $was, and repeats no answered request", async (flight) => {
    const { id, remembered } = flight.former;
    await using client = await started.connect();
    await expectItsEnd(await client.join(id), flight);
    const asked = started.model.requests.filter(({ user }) => user === flight.query);
    expect(asked).toHaveLength(flight.requestsLeft);
    const question = remembered.findIndex(({ content }) => content === flight.query);
    for (const request of asked) expect(told(request)).toEqual(remembered.slice(0, question));
  });

  it.each(formers)("sends the model what it remembered of $id, each message once", async (one) => {
    await using client = await started.connect({ apiKey: one.key });
    await expectItsMemory(await client.join(one.id), one, started.model.requests);
  });

  it("keeps the feedback, and drops the checkpoints", () => {
    const database = new Database(file.path, { readonly: true });
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
    const feedback = database.prepare("SELECT turn_id, score, comment, expected FROM feedback").all();
    const integrity = database.pragma("integrity_check", { simple: true });
    database.close();
    expect(tables.filter((name) => name === "checkpoints" || name === "writes")).toEqual([]);
    expect(feedback).toEqual([former("plain").feedback]);
    expect(integrity).toBe("ok");
  });
});

describe("a terminal event that was not acknowledged in the previous version", () => {
  it("is sent to a client without a cursor, marked as redelivered if it was sent before; an acknowledged one is not sent", async () => {
    using file = formerFile();
    await using started = await start(file.env);
    await using client = await started.connect();
    const conversation = await client.join("deliveries");
    await conversation.next("presence_state");
    const ends = conversation.events.filter(({ event }) => event === "response" || event === "error");
    expect(ends.map(({ payload }) => payload.turn_id)).toEqual(former("deliveries").redelivered);
    expect(ends.map(({ event }) => event)).toEqual(["response", "response", "error"]);
    expect(ends.map(({ payload }) => payload.metadata?.redelivered)).toEqual([true, undefined, undefined]);
    for (const { id } of formers.filter(
      ({ redelivered, inFlight, key }) => !redelivered && !inFlight && key === "key-a",
    )) {
      const other = await client.join(id);
      await other.next("presence_state");
      expect(other.events.filter(({ event }) => event === "response" || event === "error")).toEqual([]);
    }
  });

  it("is sent to a client whose cursor is before it, including a turn that was stopped during the cursor's turn", async () => {
    using file = formerFile();
    await using started = await start(file.env);
    await using client = await started.connect();
    const { cursor, cursorBrings = [], turns } = former("broken");
    const conversation = await client.join("broken", { resume: cursor });
    await conversation.next("presence_state");
    const ends = conversation.events.filter(({ event }) => event === "response" || event === "error");
    expect(ends.map(({ payload }) => payload.turn_id)).toEqual([
      ...cursorBrings,
      ...turns.slice(3).map(({ turn_id }) => turn_id),
    ]);
  });
});

describe("a migrated database", () => {
  it("does not change when it is opened again, and repeats no request", async () => {
    using file = formerFile();
    await using started = await start(file.env);
    const histories = async () => {
      await using client = await started.connect();
      const all: unknown[] = [];
      for (const { id, inFlight = [] } of formers.filter(({ key }) => key === "key-a")) {
        const conversation = await client.join(id);
        for (const { turnId } of inFlight) await conversation.turn(turnId);
        all.push(await historyOf(conversation));
      }
      return all;
    };
    const first = await histories();
    const asked = started.model.requests.length;
    await started.restart();
    expect(await histories()).toEqual(first);
    expect(started.model.requests).toHaveLength(asked);
    await using client = await started.connect();
    for (const id of ["condensed", "condensed-edit-stopped", "stop-decided", "mid-steps"])
      await expectItsMemory(await client.join(id), former(id), started.model.requests);
  });

  it.runIf(isLong)(
    "is complete even if its process was killed right after it listened",
    { timeout: 30_000 },
    async () => {
      using file = formerFile();
      await using model = await startModelServer();
      const env = { ...file.env, OPENAI_BASE_URL: model.url, MODEL: "test-model", ROUTING_THRESHOLD: "1" };
      await (await spawnServer(env)).end("SIGKILL");
      await using server = await spawnServer(env);
      await using client = await server.connect();
      for (const one of formers.filter(({ key }) => key === "key-a")) {
        const conversation = await client.join(one.id);
        for (const flight of one.inFlight ?? []) await expectItsEnd(conversation, flight);
        await expectItsMemory(conversation, one, model.requests);
      }
    },
  );
});

describe("a database of a newer version", () => {
  it("is refused with a clear message, and not changed", async () => {
    using file = formerFile();
    const database = new Database(file.path);
    database.pragma("user_version = 1000");
    const settings = config({ PORT: "0", ...file.env });
    const refused = startServer(settings, apiKeys, logger("silent"));
    await expect(refused).rejects.toThrow("The database was written by a newer version of this server.");
    expect(database.pragma("user_version", { simple: true })).toBe(1000);
    expect(database.prepare("SELECT count(*) FROM checkpoints").pluck().get()).toBeGreaterThan(0);
    database.close();
  });
});
