import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Writer, writer } from "../../src/store/sqlite/writer.ts";
import { StoreBusy } from "../../src/store/store.ts";

describe("a database that another program has locked", () => {
  let folder: string;
  let other: Database.Database;
  let own: Database.Database;
  let locked: Writer;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "writer-"));
    const path = join(folder, "test.db");
    other = new Database(path);
    other.exec("CREATE TABLE words (word TEXT UNIQUE)");
    own = new Database(path, { timeout: 0 });
    locked = writer(own, { now: async () => {}, soon() {} });
    other.exec("BEGIN IMMEDIATE");
  });
  afterEach(() => {
    own.close();
    other.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const add = (word: string) => () => own.prepare("INSERT INTO words VALUES (?)").run(word).changes;
  const added = () => own.prepare("SELECT word FROM words").pluck().all();

  it("delays writes, which then run in order", async () => {
    const one = locked.write(add("one"));
    const two = locked.write(add("two"), { durable: true, lockTimeoutMs: 60_000 });
    const impatient = locked.write(add("never"), { lockTimeoutMs: 1 });
    await expect(impatient).rejects.toThrow(StoreBusy); // so the others have been tried by now
    expect(locked.blockedMs()).toBeGreaterThan(0);
    other.exec("COMMIT");
    await expect(Promise.all([one, two])).resolves.toEqual([1, 1]);
    expect(added()).toEqual(["one", "two"]);
    expect(locked.blockedMs()).toBe(0);
  });

  it("rejects writes after their timeout, and never runs them", async () => {
    const askedAt = performance.now();
    await expect(locked.write(add("late"), { lockTimeoutMs: 100 })).rejects.toThrow(StoreBusy);
    expect(performance.now() - askedAt).toBeGreaterThanOrEqual(100);
    other.exec("COMMIT");
    await locked.write(add("one"));
    expect(added()).toEqual(["one"]);
  });

  it("does not count as blocked once it is unlocked, even if nothing was written since", async () => {
    await expect(locked.write(add("late"), { lockTimeoutMs: 1 })).rejects.toThrow(StoreBusy);
    expect(locked.blockedMs()).toBeGreaterThan(0);
    other.exec("COMMIT");
    await expect.poll(locked.blockedMs).toBe(0);
  });

  it("does not block the event loop", async () => {
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 1);
    await expect(locked.write(add("late"), { lockTimeoutMs: 100 })).rejects.toThrow(StoreBusy);
    clearInterval(ticking);
    other.exec("COMMIT");
    expect(ticks).toBeGreaterThan(10);
  });

  it("delays the close: queued writes still run, later ones are refused", async () => {
    const one = locked.write(add("one"));
    const end = locked.close();
    await expect(locked.write(add("late"))).rejects.toThrow("closed");
    other.exec("COMMIT");
    await end;
    await expect(one).resolves.toBe(1);
    expect(added()).toEqual(["one"]);
  });

  it("does not delay the close forever: queued writes are given up", { timeout: 20_000 }, async () => {
    const one = expect(locked.write(add("one"))).rejects.toThrow(StoreBusy);
    await locked.close();
    await one;
    other.exec("COMMIT");
    expect(added()).toEqual([]);
  });
});
