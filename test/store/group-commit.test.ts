import Database from "better-sqlite3";
import { beforeEach, describe, expect, it } from "vitest";

import { type Commit, groupCommit } from "../../src/store/group-commit.ts";

let database: Database.Database;
let commit: Commit;
beforeEach(() => {
  database = new Database(":memory:");
  database.exec("CREATE TABLE words (word TEXT UNIQUE)");
  commit = groupCommit(database);
});

const insert = (word: string) => () => database.prepare("INSERT INTO words VALUES (?)").run(word).changes;
const words = () => database.prepare("SELECT word FROM words").pluck().all();

describe("writes that are asked for together", () => {
  it("share one transaction, in their order", async () => {
    const insides: boolean[] = [];
    const write = (word: string) =>
      commit(() => {
        insides.push(database.inTransaction);
        return insert(word)();
      });
    await expect(Promise.all([write("one"), write("two"), write("three")])).resolves.toEqual([1, 1, 1]);
    expect(words()).toEqual(["one", "two", "three"]);
    expect(insides).toEqual([true, true, true]);
    expect(database.inTransaction).toBe(false);
  });

  it("see what those before them wrote", async () => {
    void commit(insert("one"));
    await expect(commit(words)).resolves.toEqual(["one"]);
  });

  it("fail alone: what one wrote before it threw is taken back, the others stay", async () => {
    const failing = commit(() => {
      insert("half")();
      insert("one")();
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

  it("all fail when one of them loses the transaction, as on a full disk, and those behind it are not done", async () => {
    const losing = () => database.exec("ROLLBACK");
    const outcomes = await Promise.allSettled([insert("one"), losing, insert("two")].map((write) => commit(write)));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(words()).toEqual([]);
  });
});
