import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { postgresStore } from "../../src/store/postgres/open.ts";
import { type Store, StoreBusy } from "../../src/store/store.ts";
import { type Chat, chat, outcomeOf, requestOf } from "../store/contract/chat.ts";
import { tcpProxy } from "../support/tcp-proxy.ts";
import { freshDatabase } from "./support/database.ts";
import { startPostgres } from "./support/postgres.ts";

const ending = { outcome: outcomeOf("Because."), isSent: false };

/** How soon writes have to work again, and how soon a client has to be told that they do not. */
const backMs = 2_000;
const soonMs = 3_500;

describe("a database that goes away", () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let way: Awaited<ReturnType<typeof tcpProxy>>;
  let store: Store;
  const said: unknown[] = [];
  beforeAll(async () => {
    postgres = await startPostgres(inject("runFolder"));
    database = await freshDatabase(postgres.url);
    way = await tcpProxy(database.url);
    store = await postgresStore(way.url, (cause) => said.push(cause === undefined ? "back" : "away"));
  });
  afterAll(async () => {
    await store.close();
    await way.close();
    await postgres.close();
  });

  /** Sends messages one after the other, each again until it is accepted, and ends their turns. */
  function asking(talk: Chat) {
    const accepted: string[] = [];
    const problems: unknown[] = [];
    let isOver = false;
    async function sent(clientId: string) {
      for (;;) {
        const turn = { id: v7(), conversationId: talk.id, sessionId: talk.sessionId, userId: talk.owner, clientId };
        try {
          return await store.turns.accept({ ...turn, request: requestOf("Why?") }, { maxAhead: 5, mayClaim: true });
        } catch (error) {
          if (!(error instanceof StoreBusy)) problems.push(error);
        }
      }
    }
    const done = (async () => {
      for (let index = 0; !isOver; index += 1) {
        const answer = await sent(`message-${index}`);
        accepted.push(`message-${index}`);
        const claim = answer.type === "accepted" ? answer.claim : await store.turns.claim(talk.id);
        if (claim) await store.turns.finish(claim, ending);
      }
    })();
    return {
      accepted,
      async stop() {
        isOver = true;
        await done;
        expect(problems).toEqual([]);
        const rows = await database.rows("SELECT client_id FROM turns WHERE conversation_id = $1 ORDER BY seq", [
          talk.id,
        ]);
        expect(rows.map(({ client_id }) => JSON.parse(String(client_id)))).toEqual(accepted);
      },
    };
  }

  /** How long a write takes to work. */
  async function untilBack(talk: Chat): Promise<number> {
    const since = performance.now();
    for (;;) {
      const isBack = await store.conversations
        .changeContext(talk.id, () => ({}))
        .then(
          () => true,
          (error: unknown) => {
            expect(error).toBeInstanceOf(StoreBusy);
            return false;
          },
        );
      if (isBack) return performance.now() - since;
    }
  }

  it("loses and doubles nothing when its backends are ended 20 times under load", async () => {
    const talks = await Promise.all(Array.from({ length: 8 }, () => chat(store)));
    const loads = talks.map(asking);
    for (let round = 0; round < 20; round += 1) {
      await sleep(50);
      expect(await database.endBackends()).toBeGreaterThan(0);
      for (const talk of talks) expect(await untilBack(talk)).toBeLessThan(backMs);
    }
    await Promise.all(loads.map((load) => load.stop()));
    expect(Math.min(...loads.map(({ accepted }) => accepted.length))).toBeGreaterThan(20);
  });

  it("is told to clients soon, ends what ended meanwhile, and is back at once when it was restarted", async () => {
    const [talk, other] = [await chat(store), await chat(store)];
    const claim = await other.running("Why?");
    for (const signal of ["SIGINT", "SIGQUIT"] as const) {
      said.length = 0;
      await postgres.end(signal);
      const since = performance.now();
      await expect(talk.ask("Why?")).rejects.toBeInstanceOf(StoreBusy);
      expect(performance.now() - since).toBeLessThan(soonMs);
      await expect(store.history.last(talk.id)).rejects.toBeInstanceOf(StoreBusy);
      await expect(store.ready()).rejects.toThrow("database");
      const finished = signal === "SIGQUIT" ? store.turns.finish(claim, ending) : undefined;
      await postgres.start();
      expect(await untilBack(talk)).toBeLessThan(backMs);
      await expect(store.ready()).resolves.toBeUndefined();
      await expect(talk.ended("Again?")).resolves.toMatchObject({ status: "completed" });
      if (finished) await expect(finished).resolves.toBe(true);
      expect(said).toEqual(["away", "back"]);
    }
  });

  it("is told to clients soon when the network is silent, and is back when it is not", async () => {
    const talk = await chat(store);
    await Promise.all(Array.from({ length: 10 }, () => store.turns.open(talk.id)));
    way.stall();
    const since = performance.now();
    await expect(talk.ask("Why?")).rejects.toBeInstanceOf(StoreBusy);
    expect(performance.now() - since).toBeLessThan(soonMs);
    way.resume();
    expect(await untilBack(talk)).toBeLessThan(backMs);
    way.halfOpen();
    await expect(talk.ask("Why?")).rejects.toBeInstanceOf(StoreBusy);
    expect(await untilBack(talk)).toBeLessThan(backMs);
  });

  it("lets others write when a process is paused in the middle of a transaction", async () => {
    const talk = await chat(store);
    const paused = new pg.Client(database.url);
    paused.on("error", () => {}); // it is ended
    await paused.connect();
    const { begin } = await import("../../src/store/postgres/transaction.ts");
    await paused.query(begin.text);
    await paused.query("SELECT 1 FROM conversations WHERE id = $1 FOR NO KEY UPDATE", [talk.id]);
    await expect(talk.ended("Why?")).resolves.toMatchObject({ status: "completed" });
    await expect(paused.query("SELECT 1")).rejects.toThrow();
    await paused.end();
  });
});
