import { v7 } from "uuid";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";

import { postgresStore } from "../../src/store/postgres/open.ts";
import type { Store } from "../../src/store/store.ts";
import { chat, idsOf, outcomeOf, requestOf } from "../store/contract/chat.ts";
import { waitOf } from "../store/contract/waits.ts";
import { freshDatabase } from "./support/database.ts";
import { lossyWay } from "./support/lost-answers.ts";

const ending = { outcome: outcomeOf("Because."), isSent: false };

/** Once is the rule; twice is what an unlucky client sees. */
describe.each([1, 2])("a write whose answer is lost (%i times)", (times) => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let way: Awaited<ReturnType<typeof lossyWay>>;
  let store: Store;
  let expected = 0;
  beforeAll(async () => {
    database = await freshDatabase(inject("postgresUrl"));
    way = await lossyWay(database.url);
    store = await postgresStore(way.url);
  });
  afterAll(async () => {
    await store.close();
    await way.close();
    await database.drop();
  });
  beforeEach(() => {
    expected = way.losses + times;
  });
  afterEach(() => expect(way.losses).toBe(expected));

  /** Loses the answers to the next write. The second one is to the repetition, which may have nothing to write. */
  const losing = () => way.loseCommits(times);

  it("accepts a message once, and gives the claim to whoever accepted it", async () => {
    const talk = await chat(store);
    losing();
    const claim = await talk.running("Why?", { clientId: "one" });
    expect(claim).toMatchObject({ epoch: 1, turn: { attempt: 1, status: "running", clientId: "one" } });
    expect(idsOf(await store.turns.open(talk.id))).toEqual([claim.turn.id]);
    await expect(store.turns.renew([claim])).resolves.toEqual({ void: [], stopped: [] });
    await expect(store.turns.finish(claim, ending)).resolves.toBe(true);
  });

  it("accepts a message that queues, and gives no claim that another process has", async () => {
    const talk = await chat(store);
    const { id } = await talk.accepted("1?");
    losing();
    await expect(talk.ask("2?", { mayClaim: true })).resolves.toMatchObject({ type: "accepted", position: 1 });
    const claim = await talk.claim();
    expect(claim.turn.id).toBe(id);
    expect(await store.turns.open(talk.id)).toHaveLength(2);
  });

  it("accepts an edit once", async () => {
    const talk = await chat(store);
    const before = await talk.ended("1?");
    losing();
    const claim = await talk.running("1, or what?", { replaces: before.id });
    expect(await talk.history()).toEqual([claim.turn.id]);
    await expect(store.turns.finish(claim, ending)).resolves.toBe(true);
  });

  it("is known by the client's id if the client sends the message again", async () => {
    const talk = await chat(store);
    losing();
    const { id } = await talk.accepted("Why?", { clientId: "one" });
    const turn = { conversationId: talk.id, sessionId: talk.sessionId, userId: talk.owner, request: requestOf("Why?") };
    const again = store.turns.accept({ ...turn, id: v7(), clientId: "one" }, { maxAhead: 5, mayClaim: true });
    await expect(again).resolves.toMatchObject({ type: "duplicate", turn: { id } });
  });

  it("claims a turn for whoever asked, which is one attempt", async () => {
    const talk = await chat(store);
    await talk.accepted("Why?");
    losing();
    const claim = await talk.claim();
    expect(claim.turn).toMatchObject({ attempt: 1, crashes: 0 });
    await expect(store.turns.finish(claim, ending)).resolves.toBe(true);
  });

  it("ends a turn, and says so, also to a repeated call", async () => {
    const talk = await chat(store);
    const claim = await talk.running("1?");
    await talk.accepted("2?");
    losing();
    await expect(store.turns.finish(claim, ending)).resolves.toBe(true);
    const next = await talk.claim();
    await expect(store.turns.finish(claim, ending)).resolves.toBe(true);
    await expect(store.turns.finish(claim, { ...ending, outcome: outcomeOf("Otherwise.") })).resolves.toBe(false);
    await expect(talk.turn(claim.turn.id)).resolves.toMatchObject({ outcome: ending.outcome });
    await expect(store.turns.renew([next])).resolves.toEqual({ void: [], stopped: [] });
  });

  it("ends a queued turn, and says so", async () => {
    const talk = await chat(store);
    const { id } = await talk.accepted("Why?");
    losing();
    await expect(store.turns.endQueued(id, ending, () => 0)).resolves.toBe(true);
    await expect(store.turns.endQueued(id, ending, () => 0)).resolves.toBe(false);
  });

  it("begins a session once, and names the turns that this has ended", async () => {
    const talk = await chat(store);
    const [claim, queued] = [await talk.running("1?"), await talk.accepted("2?")];
    losing();
    const { sessionId, ended } = await talk.reset();
    expect(new Set(ended)).toEqual(new Set([claim.turn.id, queued.id]));
    await expect(store.conversations.conversation(talk.id)).resolves.toMatchObject({ sessionId });
    const sessions = await database.rows("SELECT count(*)::int AS count FROM sessions WHERE conversation_id = $1", [
      talk.id,
    ]);
    expect(sessions).toEqual([{ count: 2 }]);
  });

  it("changes a context, and keeps a summary", async () => {
    const talk = await chat(store);
    const turn = await talk.ended("Why?");
    losing();
    const summary = {
      sessionId: talk.sessionId,
      text: "He asked.",
      upTo: turn.seq,
      from: { upTo: 0, turnIds: [turn.id] },
    };
    await expect(store.conversations.keepSummary(summary)).resolves.toBe(true);
    way.loseCommits(times);
    expected += times;
    await expect(store.conversations.changeContext(talk.id, (context) => ({ ...context, a: 1 }))).resolves.toEqual({
      a: 1,
    });
  });

  it("begins to wait, takes answers, and ends what waits", async () => {
    const talk = await chat(store);
    const claim = await talk.running("Why?");
    losing();
    await expect(store.waits.begin(claim, waitOf(1, "a", "b"))).resolves.toBe(true);
    expected += 3 * times;
    losing();
    await expect(store.waits.answer(talk.id, claim.turn.id, new Map([["a", 1]]))).resolves.toBe("partly");
    losing();
    await expect(store.waits.answer(talk.id, claim.turn.id, new Map([["b", 2]]))).resolves.toBe("complete");
    await expect(store.waits.answer(talk.id, claim.turn.id, new Map([["b", 2]]))).resolves.toBe("unknown");
    losing();
    await expect(store.waits.end(claim.turn.id, ending)).resolves.toBe(true);
    await expect(store.waits.end(claim.turn.id, ending)).resolves.toBe(false);
  });
});
