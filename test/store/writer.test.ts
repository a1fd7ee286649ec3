import Database from "better-sqlite3";
import { beforeEach, describe, expect, it } from "vitest";

import { type Write, writer } from "../../src/store/sqlite/writer.ts";
import { StoreBusy } from "../../src/store/store.ts";

let database: Database.Database;
let commit: Write;
beforeEach(() => {
  database = new Database(":memory:");
  database.exec("CREATE TABLE words (word TEXT UNIQUE)");
  commit = writer(database, { now: async () => {}, soon() {} }).write;
});

const insert = (word: string) => (): unknown => database.prepare("INSERT INTO words VALUES (?)").run(word).changes;
const words = () => database.prepare("SELECT word FROM words").pluck().all();

it("writes are refused as busy while the disk is full, and succeed once there is space again", {
  timeout: 15_000,
}, async () => {
  const { write, isFull } = writer(database, { now: async () => {}, soon() {} });
  database.pragma(`max_page_count = ${database.pragma("page_count", { simple: true })}`);
  const huge = "x".repeat(100_000);
  await expect(write(insert(huge))).rejects.toThrow(StoreBusy);
  expect(isFull()).toBe(true);
  expect(words()).toEqual([]);
  database.pragma("max_page_count = 1000");
  await expect.poll(isFull, { timeout: 10_000 }).toBe(false);
  await expect(write(insert(huge))).resolves.toBe(1);
});

it("after a write that found the disk full, even small ones are refused until there is room, but not those that have to succeed", {
  timeout: 15_000,
}, async () => {
  let hasRoom = false;
  const { write, isFull } = writer(database, { now: async () => {}, soon() {} }, async () => hasRoom);
  database.pragma(`max_page_count = ${database.pragma("page_count", { simple: true })}`);
  await expect(write(insert("x".repeat(100_000)))).rejects.toThrow(StoreBusy);
  await expect(write(insert("small"), { lockTimeoutMs: 4_000 })).rejects.toThrow(StoreBusy);
  await expect(write(insert("needed"))).resolves.toBe(1);
  expect(isFull()).toBe(true);
  hasRoom = true;
  await expect.poll(isFull, { timeout: 10_000 }).toBe(false);
  await expect(write(insert("small"), { lockTimeoutMs: 4_000 })).resolves.toBe(1);
});

describe("writes queued together", () => {
  it("share one transaction, in order", async () => {
    const write = (word: string) => commit(insert(word));
    const statements: boolean[] = [];
    const look = () => void statements.push(database.inTransaction);
    const all = Promise.all([write("one"), commit(look), write("two"), commit(look), write("three")]);
    await expect(all).resolves.toEqual([1, undefined, 1, undefined, 1]);
    expect(words()).toEqual(["one", "two", "three"]);
    expect(statements).toEqual([true, true]);
    expect(database.inTransaction).toBe(false);
  });

  it("see the results of earlier ones", async () => {
    void commit(insert("one"));
    await expect(commit(words)).resolves.toEqual(["one"]);
  });

  it("fail alone: one that throws is rolled back, the others stay", async () => {
    const failing = commit(() => {
      insert("half")();
      throw new Error("not the other half");
    });
    const outcomes = await Promise.allSettled([commit(insert("one")), failing, commit(insert("two"))]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(words()).toEqual(["one", "two"]);
  });

  it("all fail if the commit fails, and none is kept", async () => {
    database.exec("CREATE TABLE uses (word TEXT REFERENCES words (word) DEFERRABLE INITIALLY DEFERRED)");
    const broken = () => database.exec("INSERT INTO uses VALUES ('unknown')");
    const outcomes = await Promise.allSettled([insert("one"), broken, insert("two")].map((write) => commit(write)));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(words()).toEqual([]);
    await expect(commit(insert("later"))).resolves.toBe(1);
  });

  it("fail up to the one that aborts the transaction, as on a full disk; later ones get a new transaction", async () => {
    const losing = () => database.exec("ROLLBACK");
    const outcomes = await Promise.allSettled([insert("one"), losing, insert("two")].map((write) => commit(write)));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    expect(words()).toEqual(["two"]);
  });

  it("all fail if no transaction can begin", async () => {
    database.exec("BEGIN");
    const outcomes = Promise.allSettled([commit(insert("one")), commit(insert("two"))]);
    database.pragma("query_only = 1");
    database.exec("COMMIT");
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    database.pragma("query_only = 0");
    await expect(commit(insert("later"))).resolves.toBe(1);
  });

  it("that take long are split, so that the event loop is not blocked", async () => {
    const slow = () => {
      const until = performance.now() + 10;
      while (performance.now() < until);
    };
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 1);
    await Promise.all([commit(slow), commit(slow), commit(slow), commit(slow)]);
    clearInterval(ticking);
    expect(ticks).toBeGreaterThanOrEqual(2);
  });
});

describe("a durable write", () => {
  it("resolves once the log is on disk, and does not block other writes", async () => {
    const sync = Promise.withResolvers<void>();
    const { write } = writer(database, { now: () => sync.promise, soon() {} });
    const settled: string[] = [];
    const durable = write(insert("one"), { durable: true }).then(() => settled.push("durable"));
    await write(insert("two"));
    await write(words).then((found) => settled.push(`two of ${found.length}`));
    expect(settled).toEqual(["two of 2"]);
    sync.resolve();
    await durable;
    expect(settled).toEqual(["two of 2", "durable"]);
  });

  // A transaction takes no more writes after 5 ms, which a busy machine may need for two.
  it("shares one sync with the others of its transaction, after the commit", { retry: 5 }, async () => {
    const syncs: unknown[] = [];
    const { write } = writer(database, { now: async () => void syncs.push(words()), soon() {} });
    await Promise.all(["one", "two", "three"].map((word) => write(insert(word), { durable: true })));
    expect(syncs).toEqual([["one", "two", "three"]]);
  });

  it("rejects if the sync fails, while other writes succeed", async () => {
    const { write } = writer(database, { now: () => Promise.reject(new Error("EIO")), soon() {} });
    const outcomes = await Promise.allSettled([write(insert("one")), write(insert("two"), { durable: true })]);
    expect(outcomes).toMatchObject([{ status: "fulfilled" }, { status: "rejected", reason: { message: "EIO" } }]);
  });

  it("that is not durable is synced soon", async () => {
    let soon = 0;
    const { write } = writer(database, {
      now: () => Promise.reject(new Error("not asked for")),
      soon: () => (soon += 1),
    });
    await write(insert("one"));
    expect(soon).toBe(1);
  });
});
