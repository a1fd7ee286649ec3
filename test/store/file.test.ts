import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { lockFile, replacementCheck } from "../../src/store/sqlite/file.ts";
import { sqliteStore } from "../../src/store/sqlite/open.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "file-")));
  path = join(folder, "data", "conversations.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const mode = (name: string) => statSync(name).mode & 0o777;

describe("the database file", () => {
  it("is made with its folder, for its owner alone", () => {
    const file = lockFile(path);
    expect(file.path).toBe(path);
    expect([mode(path), mode(`${path}.lock`), mode(join(folder, "data"))]).toEqual([0o600, 0o600, 0o700]);
    file.unlock();
  });

  it("that others could read is theirs no more", () => {
    mkdirSync(join(folder, "data"));
    writeFileSync(path, "", { mode: 0o644 });
    lockFile(path).unlock();
    expect(mode(path)).toBe(0o600);
  });

  it("is one server's alone, under whichever name, until that ends", () => {
    const link = join(folder, "link.db");
    const file = lockFile(path);
    symlinkSync(path, link);
    expect(() => lockFile(path)).toThrow(`${path} is in use by another process.`);
    expect(() => lockFile(link)).toThrow(`${path} is in use by another process.`);
    file.unlock();
    lockFile(path).unlock();
  });

  it("is used under its own name when it was named by a link", async () => {
    const link = join(folder, "link.db");
    lockFile(path).unlock();
    symlinkSync(path, link);
    const file = lockFile(link);
    expect(file.path).toBe(path);
    file.unlock();
    const store = sqliteStore(link);
    expect(statSync(`${path}-wal`).isFile()).toBe(true);
    expect(() => statSync(`${link}-wal`)).toThrow("ENOENT");
    await store.close();
  });

  it("is refused when it has another name, for SQLite would damage it under two", () => {
    lockFile(path).unlock();
    linkSync(path, join(folder, "copy.db"));
    expect(() => lockFile(path)).toThrow(`${path} has a hard link.`);
    rmSync(join(folder, "copy.db"));
    lockFile(path).unlock();
  });

  it.each(["moved", "deleted", "replaced"])("is missed as soon as it was %s", async (how) => {
    lockFile(path).unlock();
    const isThere = replacementCheck(path);
    await expect(isThere()).resolves.toBeUndefined();
    renameSync(path, `${path}.old`);
    if (how === "deleted") rmSync(`${path}.old`);
    if (how === "replaced") lockFile(path).unlock();
    await expect(isThere()).rejects.toThrow();
  });

  it("that is gone makes the store not ready, and so does its log", async () => {
    const store = sqliteStore(path);
    await expect(store.ready()).resolves.toBeUndefined();
    renameSync(`${path}-wal`, `${path}-gone`);
    await expect(store.ready()).rejects.toThrow();
    renameSync(`${path}-gone`, `${path}-wal`);
    renameSync(path, `${path}.old`);
    await expect(store.ready()).rejects.toThrow();
    renameSync(`${path}.old`, path);
    await expect(store.ready()).resolves.toBeUndefined();
    await store.close();
  });
});
