import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, describe, expect, it } from "vitest";

import { sqliteStore } from "../../src/store/sqlite/open.ts";

const megabyte = 1_000_000;
const rounds = 8;
const textsARound = 5;

/** The log is restarted above 16 MB; a round or two may pass before the worker notices. */
const longest = 27 * megabyte;

describe("the write-ahead log", () => {
  const folder = mkdtempSync(join(tmpdir(), "log-"));
  const path = join(folder, "test.db");
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("stays short however much is written, and loses nothing", { timeout: 30_000 }, async () => {
    const store = sqliteStore(path);
    const hashes: string[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      for (let text = 1; text <= textsARound; text += 1) {
        const hash = `${round}-${text}`;
        hashes.push(hash);
        await store.history.keepTexts([{ hash, source: hash.padEnd(megabyte) }]);
      }
      const written = hashes.length * megabyte;
      await expect.poll(() => statSync(path).size, { timeout: 10_000 }).toBeGreaterThan(written - megabyte);
      expect(statSync(`${path}-wal`).size).toBeLessThan(longest);
    }
    await store.close();
    expect(existsSync(`${path}-wal`)).toBe(false);

    const again = sqliteStore(path);
    const texts = await again.records.texts(hashes);
    expect([...texts].map(([hash, text]) => text === hash.padEnd(megabyte))).toEqual(hashes.map(() => true));
    await again.close();
  });

  it("keeps its index when another program opens the database and closes it", async () => {
    const store = sqliteStore(path);
    await store.history.keepTexts([{ hash: "before", source: "before" }]);
    const { size } = statSync(`${path}-shm`);
    const read = `
      import Database from "better-sqlite3";
      const database = new Database(process.env.DATABASE, { readonly: true });
      console.log(database.prepare("SELECT text FROM texts WHERE hash = 'before'").pluck().get());
      database.close();`;
    const env = { ...process.env, DATABASE: path };
    const found = execFileSync(process.execPath, ["--input-type=module", "--eval", read], { env, encoding: "utf8" });
    expect(found).toBe("before\n");
    expect(statSync(`${path}-shm`).size).toBe(size); // a program that resets it leaves one page of it
    await store.close();
  });

  it("cannot be restarted while another program reads, but blocks no writes", {
    timeout: 20_000,
  }, async () => {
    const store = sqliteStore(path);
    const reader = new Database(path, { readonly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM texts").get();
    const write = (hash: string, size: number) => store.history.keepTexts([{ hash, source: "".padEnd(size) }]);
    for (let text = 1; text <= 20; text += 1) await write(`long-${text}`, megabyte);
    for (let text = 1; text <= 100; text += 1) await write(`short-${text}`, 10);
    reader.exec("COMMIT");
    reader.close();
    await store.close();
  });

  it.each([
    ["moved", () => 0],
    [
      "replaced by a copy",
      () => {
        copyFileSync(`${path}-away`, path);
        return statSync(path).size;
      },
    ],
  ])("goes into its own file, also if that was %s while the server started", async (_how, replace) => {
    const store = sqliteStore(path);
    renameSync(path, `${path}-away`);
    const size = replace();
    const hashes = Array.from({ length: 30 }, (_, text) => `${replace.length} ${size} ${text}`);
    for (const hash of hashes) await store.history.keepTexts([{ hash, source: hash.padEnd(megabyte) }]);
    if (size > 0) expect(statSync(path).size).toBe(size);
    renameSync(`${path}-away`, path);
    await store.ready();
    const written = statSync(path).size;
    await expect.poll(() => statSync(path).size).toBeGreaterThan(written + 20 * megabyte);
    await store.close();
    const again = sqliteStore(path);
    expect((await again.records.texts(hashes)).size).toBe(hashes.length);
    await again.close();
  });
});
