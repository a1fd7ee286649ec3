import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { Windows } from "../src/limits/windows.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("uses are counted per key and minute, and the rest is told to wait for the next", () => {
  const windows = new Windows(2);
  expect(["a", "a", "a", "b"].map((key) => windows.use(key))).toEqual([0, 0, 60_000, 0]);
  vi.advanceTimersByTime(59_000);
  expect(windows.use("a")).toBe(1_000);
  vi.advanceTimersByTime(1_000);
  expect(windows.use("a")).toBe(0);
});

it("a use can be given back", () => {
  const windows = new Windows(1);
  windows.use("a");
  expect(windows.isUsedUp("a")).toBe(true);
  windows.giveBack("a");
  expect([windows.isUsedUp("a"), windows.use("a")]).toEqual([false, 0]);
});

it("a clock that is set does not end a minute, and does not lengthen it", () => {
  const windows = new Windows(1);
  windows.use("a");
  vi.setSystemTime(Date.now() + 3_600_000);
  expect(windows.use("a")).toBe(60_000);
  vi.setSystemTime(Date.now() - 7_200_000);
  vi.advanceTimersByTime(60_000);
  expect(windows.use("a")).toBe(0);
});
