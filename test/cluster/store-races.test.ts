import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { postgresStore } from "../../src/store/postgres/open.ts";
import type { Store } from "../../src/store/store.ts";
import { type Claim, leaseMs } from "../../src/store/turns.ts";
import { chat, outcomeOf, requestOf } from "../store/contract/chat.ts";
import { waitOf } from "../store/contract/waits.ts";
import { freshDatabase } from "./support/database.ts";

/** Each has connections of its own, as if it were another process. */
const nodes = 4;
const rounds = 40;

const ending = { outcome: outcomeOf("Because."), isSent: false };

describe("several processes on one database", () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let stores: Store[] = [];
  beforeAll(async () => {
    database = await freshDatabase(inject("postgresUrl"));
    stores = await Promise.all(Array.from({ length: nodes }, () => postgresStore(database.url)));
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.drop();
  });

  const [one, other] = [() => stores[0] as Store, () => stores[1] as Store];

  async function passLease(): Promise<void> {
    await database.rows("UPDATE conversations SET lease_until = lease_until - $1 * interval '1 ms'", [leaseMs + 1]);
  }

  it("that start at the same time create the tables once", async () => {
    const empty = await freshDatabase(inject("postgresUrl"));
    const opened = await Promise.all(Array.from({ length: nodes }, () => postgresStore(empty.url)));
    await Promise.all(opened.map((store) => store.ready()));
    await Promise.all(opened.map((store) => store.close()));
    await empty.drop();
  });

  it("open a new conversation once, for one of two users", async () => {
    for (let round = 0; round < rounds; round += 1) {
      const id = `new-${round}`;
      const users = stores.map((_, node) => `user-${node % 2}`);
      const found = await Promise.all(stores.map((store, node) => store.conversations.open(id, users[node] ?? "")));
      const opened = found.filter((conversation) => conversation !== undefined);
      expect(opened).toHaveLength(nodes / 2);
      expect(new Set(opened.map(({ sessionId }) => sessionId)).size).toBe(1);
    }
  });

  it("accept messages one after the other, claim one of them, and know each by its client id", async () => {
    for (let round = 0; round < rounds; round += 1) {
      const talk = await chat(one());
      const accepted = await Promise.all(
        [...stores, ...stores].map((store, index) =>
          store.turns.accept(
            {
              id: `${talk.id}-${index}`,
              conversationId: talk.id,
              sessionId: talk.sessionId,
              userId: talk.owner,
              clientId: `message-${index % nodes}`,
              request: requestOf("Why?"),
            },
            { maxAhead: 10, mayClaim: true },
          ),
        ),
      );
      const turns = accepted.filter((answer) => answer.type === "accepted");
      expect(turns.map(({ position }) => position).sort()).toEqual(Array.from({ length: nodes }, (_, place) => place));
      expect(turns.filter(({ claim }) => claim).map(({ position }) => position)).toEqual([0]);
      const bySeq = turns.toSorted((a, b) => a.turn.seq - b.turn.seq);
      expect(bySeq.map(({ position }) => position)).toEqual(Array.from({ length: nodes }, (_, place) => place));
      expect(accepted.filter(({ type }) => type === "duplicate")).toHaveLength(nodes);
    }
  });

  it("claim a turn once", async () => {
    for (let round = 0; round < rounds; round += 1) {
      const talk = await chat(one());
      await talk.accepted("1?");
      await talk.accepted("2?");
      const claims = await Promise.all(stores.map((store) => store.turns.claim(talk.id)));
      expect(claims.filter((claim) => claim)).toHaveLength(1);
    }
  });

  it("take over a turn whose lease is over, and then the earlier claim writes nothing", async () => {
    const talk = await chat(one());
    const stale = await talk.running("Why?");
    await passLease();
    const taken = await other().turns.claim(talk.id);
    if (!taken) throw new Error("The turn is not taken over.");
    expect(taken).toMatchObject({ turn: { id: stale.turn.id, attempt: 2, crashes: 1 }, epoch: stale.epoch + 1 });
    const { turns, checkpoints, toolCalls, waits } = one();
    const value = { type: "json", bytes: Buffer.from("{}") };
    const checkpoint = { namespace: "", id: "1", checkpoint: value, metadata: value };
    const write = { ...value, taskId: "task", taskPath: "", index: 0, channel: "messages" };
    await expect(turns.renew([stale])).resolves.toEqual({ void: [stale], stopped: [] });
    await expect(checkpoints.put(stale, checkpoint)).resolves.toBe(false);
    await expect(checkpoints.putWrites(stale, checkpoint, [write])).resolves.toBe(false);
    await expect(toolCalls.start(stale, "call", { told: "{}", mayRepeat: true })).resolves.toEqual({ type: "void" });
    await expect(waits.begin(stale, waitOf(1, "question"))).resolves.toBe(false);
    await expect(turns.finish(stale, ending)).resolves.toBe(false);
    await turns.keepStep(stale, "plan", "{}");
    await turns.release(stale);
    await expect(other().turns.renew([taken])).resolves.toEqual({ void: [], stopped: [] });
    await expect(turns.steps(stale.turn.id)).resolves.toEqual(new Map());
    await expect(checkpoints.list(stale.turn.id)).resolves.toEqual([]);
    await expect(talk.turn(stale.turn.id)).resolves.toEqual(taken.turn);
    await expect(other().turns.finish(taken, ending)).resolves.toBe(true);
  });

  it("let either the end of a turn count or its takeover", async () => {
    let ends = 0;
    for (let round = 0; round < rounds; round += 1) {
      const talk = await chat(one());
      const claim = await talk.running("Why?");
      await passLease();
      const [isEnded, taken] = await Promise.all([one().turns.finish(claim, ending), other().turns.claim(talk.id)]);
      expect(isEnded).toBe(taken === undefined);
      if (isEnded) ends += 1;
    }
    expect(ends).toBeGreaterThan(0);
  });

  it("either end a queued turn or claim it", async () => {
    for (let round = 0; round < rounds; round += 1) {
      const talk = await chat(one());
      const { id } = await talk.accepted("Why?");
      const end = () => one().turns.endQueued(id, ending, () => 0);
      const claim = () => other().turns.claim(talk.id);
      const [first, second] = await Promise.all(round % 2 === 0 ? [end(), claim()] : [claim(), end()]);
      const isEnded = first === true || second === true;
      expect([first, second].some((result) => typeof result === "object")).toBe(!isEnded);
      expect((await talk.turn(id)).status).toBe(isEnded ? "completed" : "running");
      await expect(
        stores[2]?.turns.accept({ ...(await talk.turn(id)), id: `${id}-next` }, { maxAhead: 1, mayClaim: true }),
      ).resolves.toMatchObject({
        position: isEnded ? 0 : 1,
      });
    }
  });

  it("renew many claims while others write to the same conversations", async () => {
    const talks = await Promise.all(Array.from({ length: 100 }, () => chat(one())));
    const claims = await Promise.all(talks.map((talk) => talk.running("Why?")));
    let isOver = false;
    const writing = stores.map(async (store) => {
      for (let index = 0; !isOver; index += 1) {
        const { id } = talks[index % talks.length] ?? {};
        if (id) await store.conversations.changeContext(id, (context) => ({ ...context, index }));
      }
    });
    for (let round = 0; round < 20; round += 1) {
      const [mine, theirs] = [claims, claims.toReversed()];
      const renewed = await Promise.all([one().turns.renew(mine), other().turns.renew(theirs)]);
      expect(renewed).toEqual([
        { void: [], stopped: [] },
        { void: [], stopped: [] },
      ]);
    }
    isOver = true;
    await Promise.all(writing);
  });

  it("run all turns of a few busy conversations once and in order, whatever they do at the same time", async () => {
    const talks = await Promise.all([chat(one()), chat(one()), chat(one())]);
    const perNode = 60;
    const ended: Claim[] = [];
    const working = stores.map(async (store, node) => {
      for (let index = 0; index < perNode; index += 1) {
        const talk = talks[(node + index) % talks.length];
        if (!talk) continue;
        const turn = {
          id: `${talk.id}-${node}-${index}`,
          conversationId: talk.id,
          sessionId: talk.sessionId,
          userId: talk.owner,
          request: requestOf("Why?"),
        };
        const answer = await store.turns.accept(turn, { maxAhead: 1_000, mayClaim: index % 2 === 0 });
        const claim = (answer.type === "accepted" && answer.claim) || (await store.turns.claim(talk.id));
        void store.deliveries.mark(new Map([[turn.id, "sent"]]));
        if (!claim) continue;
        await store.turns.keepStep(claim, "plan", "{}");
        if (!(await store.turns.finish(claim, ending))) throw new Error("A valid claim is void.");
        ended.push(claim);
      }
    });
    await Promise.all(working);
    for (const { id } of talks) {
      for (let claim = await one().turns.claim(id); claim; claim = await one().turns.claim(id)) {
        if (await one().turns.finish(claim, ending)) ended.push(claim);
      }
    }
    expect(new Set(ended.map(({ turn }) => turn.id)).size).toBe(nodes * perNode);
    expect(ended).toHaveLength(nodes * perNode);
    for (const { id } of talks) {
      const [row] = await database.rows(
        "SELECT array_agg(seq ORDER BY ended) = array_agg(seq ORDER BY seq) AS ordered FROM turns WHERE conversation_id = $1",
        [id],
      );
      expect(row).toEqual({ ordered: true });
    }
  });
});
