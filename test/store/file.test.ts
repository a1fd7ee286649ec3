import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
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
import Database from "better-sqlite3";
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
  it("is created with its folder, readable by its owner only", () => {
    const file = lockFile(path);
    expect(file.path).toBe(path);
    expect([mode(path), mode(`${path}.lock`), mode(join(folder, "data"))]).toEqual([0o600, 0o600, 0o700]);
    file.unlock();
  });

  it("that others could read is made private", () => {
    mkdirSync(join(folder, "data"));
    writeFileSync(path, "", { mode: 0o644 });
    lockFile(path).unlock();
    expect(mode(path)).toBe(0o600);
  });

  it("is locked by one server, under any of its names, until that ends", () => {
    const link = join(folder, "link.db");
    const file = lockFile(path);
    symlinkSync(path, link);
    expect(() => lockFile(path)).toThrow(`${path} is in use by another process.`);
    expect(() => lockFile(link)).toThrow(`${path} is in use by another process.`);
    file.unlock();
    lockFile(path).unlock();
  });

  it("is opened by its real path if it was named by a symbolic link", async () => {
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

  it("is refused if it has a hard link", () => {
    lockFile(path).unlock();
    linkSync(path, join(folder, "copy.db"));
    expect(() => lockFile(path)).toThrow(`${path} has a hard link.`);
    rmSync(join(folder, "copy.db"));
    lockFile(path).unlock();
  });

  it.each(["moved", "deleted", "replaced"])("is noticed missing once it was %s", async (how) => {
    lockFile(path).unlock();
    const isThere = replacementCheck(path);
    await expect(isThere()).resolves.toBeUndefined();
    renameSync(path, `${path}.old`);
    if (how === "deleted") rmSync(`${path}.old`);
    if (how === "replaced") lockFile(path).unlock();
    await expect(isThere()).rejects.toThrow(how === "replaced" ? "was replaced" : "was moved or deleted");
  });

  const isRoot = process.getuid?.() === 0; // nobody else can start a process as another user
  it.skipIf(!isRoot)("that belongs to another user, and can be written to, is used as it is", () => {
    const asGroupMember = `
      const { lockFile } = await import("${new URL("../../src/store/sqlite/file.ts", import.meta.url).href}");
      process.setgid(65534);
      process.setuid(65534);
      lockFile(${JSON.stringify(path)}).unlock();`;
    mkdirSync(join(folder, "data"));
    for (const name of [path, `${path}.lock`]) writeFileSync(name, "", { mode: 0o660 });
    for (const name of [folder, join(folder, "data"), path, `${path}.lock`]) chmodSync(name, 0o777);
    execFileSync(process.execPath, ["--input-type=module", "--eval", asGroupMember]);
    expect(mode(path)).toBe(0o777);
  });

  it("is never put into a new folder at the root of the disk", () => {
    expect(() => lockFile("/no-such-root/data/x.db")).toThrow(
      "DATABASE_URL: there is no folder /no-such-root. For a path below the working folder, write sqlite:no-such-root/data/x.db.",
    );
    expect(existsSync("/no-such-root")).toBe(false);
  });

  it("is never a device, whose mode others rely on", () => {
    const before = mode("/dev/full");
    symlinkSync("/dev/full", join(folder, "x.db"));
    expect(() => lockFile(join(folder, "x.db"))).toThrow("is not a regular file.");
    expect(mode("/dev/full")).toBe(before);
  });

  it("that cannot be made is an error that names the setting", () => {
    writeFileSync(join(folder, "data"), "");
    expect(() => lockFile(path)).toThrow(`DATABASE_URL: ${path} cannot be written to (E`);
  });

  it.each([
    ["no database", (name: string) => writeFileSync(name, "version https://git-lfs.example/spec/v1\n".repeat(20))],
    ["the database of another program", (name: string) => new Database(name).exec("CREATE TABLE turns (x)").close()],
  ])("that is %s is an error that names the setting", (_what, make) => {
    mkdirSync(join(folder, "data"));
    make(path);
    expect(() => sqliteStore(path)).toThrow(`DATABASE_URL: ${path} cannot be used: `);
  });

  it.skipIf(!isRoot)("whose log belongs to another user is an error that says which files matter", () => {
    mkdirSync(join(folder, "data"));
    const crashed = `
      import Database from "better-sqlite3";
      const database = new Database(${JSON.stringify(path)});
      database.pragma("journal_mode = WAL");
      database.exec("CREATE TABLE words (word)");
      process.kill(process.pid, "SIGKILL");`;
    spawnSync(process.execPath, ["--input-type=module", "--eval", crashed]);
    for (const name of [folder, join(folder, "data"), path]) chmodSync(name, 0o777);
    for (const name of [`${path}-wal`, `${path}-shm`]) chmodSync(name, 0o600);
    const asAnother = `
      const { sqliteStore } = await import("${new URL("../../src/store/sqlite/open.ts", import.meta.url).href}");
      process.setgid(65534);
      process.setuid(65534);
      sqliteStore(${JSON.stringify(path)});`;
    const { stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", asAnother], { encoding: "utf8" });
    expect(stderr).toContain(
      `DATABASE_URL: ${path} cannot be used: unable to open database file. The server must be able to write to it, its folder, and its -wal and -shm files.`,
    );
  });

  it("whose lock cannot be made is an error that names the setting", () => {
    mkdirSync(`${path}.lock`, { recursive: true });
    expect(() => lockFile(path)).toThrow(`DATABASE_URL: ${path}.lock cannot be written to (EISDIR).`);
  });

  it("that is gone makes the store unready, and so does a missing log", async () => {
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
