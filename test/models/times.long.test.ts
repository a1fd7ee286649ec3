import { describe, expect, it } from "vitest";

import { CompletionReader } from "../../src/models/reading/completion-reader.ts";
import { WholeReply } from "../../src/models/reply.ts";
import { hostileBodies } from "./hostile-bodies.ts";

const readBytes = 65_536;
const mostMs = 5;
const rounds = 8;

/** How long the longest step of reading a body takes, in ms: one network read, or the end. */
function longestStep(bytes: Buffer): number {
  const whole = new WholeReply();
  const reader = new CompletionReader({ onPiece: (piece) => whole.add(piece) });
  let longest = 0;
  const step = (run: () => void) => {
    const began = performance.now();
    try {
      run();
      return true;
    } catch {
      return false; // what it fails with is tested elsewhere
    } finally {
      longest = Math.max(longest, performance.now() - began);
    }
  };
  for (let at = 0; at < bytes.length && !reader.isOver; at += readBytes) {
    if (!step(() => reader.read(bytes.subarray(at, at + readBytes)))) return longest;
  }
  step(() => {
    if (!reader.isOver) reader.end();
    whole.message();
  });
  return longest;
}

/** How long the loop takes when nothing happens, in ms. */
async function quiet(): Promise<number> {
  const began = performance.now();
  await new Promise((resolve) => setImmediate(resolve));
  return performance.now() - began;
}

/** The best of some rounds, since other programs disturb single ones. */
async function best(measure: () => number | Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(await measure());
  return Math.min(...times);
}

describe.each(Object.keys(hostileBodies))("a body of %s", (name) => {
  const body = (bytes: number) => Buffer.from(hostileBodies[name]?.(bytes) ?? "");

  it("takes no more than 5 ms of the loop for 64 KB", async () => {
    const bytes = body(readBytes);
    const control = await best(quiet);
    expect((await best(() => longestStep(bytes))) - control).toBeLessThan(mostMs);
  });

  it("takes no more for each 64 KB of 4 MiB", async () => {
    const bytes = body(4_194_304);
    const control = await best(quiet);
    expect((await best(() => longestStep(bytes))) - control).toBeLessThan((mostMs * bytes.length) / readBytes);
  });
});
