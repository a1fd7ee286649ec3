import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "closing-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = new URL("../../src/store/sqlite/open.ts", import.meta.url).href;

it("a store closes completely in a process that has nothing else to do: its log is copied to the database", async () => {
  const path = join(folder, "test.db");
  const program = join(folder, "program.mjs");
  writeFileSync(
    program,
    `
    import { sqliteStore } from ${JSON.stringify(open)};
    const store = sqliteStore(${JSON.stringify(path)});
    await store.conversations.open("c", "u");
    await store.close();
    console.log("closed");`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  expect(stdout).toBe("closed\n");
  expect(existsSync(`${path}-wal`)).toBe(false);
});
