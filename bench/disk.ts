import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const page = Buffer.alloc(4096, 1);

/** How long the disk itself takes, in ms: appends a page to a file and syncs it, `count` times with a gap between. */
export async function syncs(folder: string, count: number, gapMs: number): Promise<number[]> {
  const path = join(folder, "synced");
  const file = openSync(path, "w");
  const times: number[] = [];
  while (times.length < count) {
    const began = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    times.push(performance.now() - began);
    await sleep(gapMs);
  }
  closeSync(file);
  rmSync(path);
  return times;
}
