import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { diskSync } from "../../src/store/sqlite/disk-sync.ts";

describe("a sync of the disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "disk-sync-"));
  let descriptor: number;
  beforeAll(() => {
    descriptor = openSync(join(folder, "log"), "w");
  });
  afterAll(() => {
    closeSync(descriptor);
    rmSync(folder, { recursive: true, force: true });
  });

  it("does not cover writes made while it runs: calls made meanwhile share the next sync", async () => {
    const disk = diskSync(descriptor, () => {});
    const ended: number[] = [];
    const seen = (sync: number) => () => void ended.push(sync);
    writeSync(descriptor, "one");
    const first = disk.now();
    writeSync(descriptor, "two");
    const [second, third] = [disk.now(), disk.now()];
    expect(second).not.toBe(first);
    expect(third).toBe(second);
    await Promise.all([second.then(seen(2)), first.then(seen(1))]);
    expect(ended).toEqual([1, 2]);
  });

  it("starts at once if none is running", async () => {
    const disk = diskSync(descriptor, () => {});
    for (let n = 1; n <= 3; n += 1) await expect(disk.now()).resolves.toBeUndefined();
  });

  it("that fails rejects its own callers, and later callers get a new one", async () => {
    const failures: Error[] = [];
    const disk = diskSync(2 ** 30, (error) => failures.push(error)); // no file has this number
    const outcomes = await Promise.allSettled([disk.now(), disk.now()]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(disk.now()).rejects.toThrow("EBADF");
    expect(failures).toHaveLength(3);
  });
});
