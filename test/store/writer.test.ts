import Database from "better-sqlite3";
import { beforeEach, describe, expect, it } from "vitest";

import { type Write, writer } from "../../src/store/sqlite/writer.ts";

let database: Database.Database;
let commit: Write;
beforeEach(() => {
  database = new Database(":memory:");
  database.exec("CREATE TABLE words (word TEXT UNIQUE)");
  commit = writer(database, { now: async () => {}, soon() {} }).write;
});

const insert = (word: string) => (): unknown => database.prepare("INSERT INTO words VALUES (?)").run(word).changes;
const words = () => database.prepare("SELECT word FROM words").pluck().all();

describe("writes that are asked for together", () => {
  it("share one transaction, in their order", async () => {
    const write = (word: string) => commit(insert(word));
    const statements: boolean[] = [];
    const look = () => void statements.push(database.inTransaction);
    const all = Promise.all([write("one"), commit(look), write("two"), commit(look), write("three")]);
    await expect(all).resolves.toEqual([1, undefined, 1, undefined, 1]);
    expect(words()).toEqual(["one", "two", "three"]);
    expect(statements).toEqual([true, true]);
    expect(database.inTransaction).toBe(false);
  });

  it("see what those before them wrote", async () => {
    void commit(insert("one"));
    await expect(commit(words)).resolves.toEqual(["one"]);
  });

  it("fail alone: what one wrote before it threw is taken back, the others stay", async () => {
    const failing = commit(() => {
      insert("half")();
      throw new Error("not the other half");
    });
    const outcomes = await Promise.allSettled([commit(insert("one")), failing, commit(insert("two"))]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(words()).toEqual(["one", "two"]);
  });

  it("all fail when the transaction cannot be committed, and none is kept", async () => {
    database.exec("CREATE TABLE uses (word TEXT REFERENCES words (word) DEFERRABLE INITIALLY DEFERRED)");
    const broken = () => database.exec("INSERT INTO uses VALUES ('unknown')");
    const outcomes = await Promise.allSettled([insert("one"), broken, insert("two")].map((write) => commit(write)));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(words()).toEqual([]);
    await expect(commit(insert("later"))).resolves.toBe(1);
  });

  it("fail up to the one that loses the transaction, as on a full disk, and those behind it have one of their own", async () => {
    const losing = () => database.exec("ROLLBACK");
    const outcomes = await Promise.allSettled([insert("one"), losing, insert("two")].map((write) => commit(write)));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    expect(words()).toEqual(["two"]);
  });

  it("all fail when no transaction can begin", async () => {
    database.exec("BEGIN");
    const outcomes = Promise.allSettled([commit(insert("one")), commit(insert("two"))]);
    database.pragma("query_only = 1");
    database.exec("COMMIT");
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    database.pragma("query_only = 0");
    await expect(commit(insert("later"))).resolves.toBe(1);
  });

  it("that take long do not hold up the event loop in one piece", async () => {
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
