import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { patient } from "../../src/files/bytes/incoming.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("bytes that stop coming end a download, and a reader who pauses does not", async () => {
  const body = new PassThrough();
  const chunks = patient(body);
  body.write("first");
  expect(String((await chunks.next()).value)).toBe("first");
  await vi.advanceTimersByTimeAsync(60_000);
  body.write("second");
  expect(String((await chunks.next()).value)).toBe("second");
  const third = expect(chunks.next()).rejects.toMatchObject({ name: "FilesUnavailable" });
  await vi.advanceTimersByTimeAsync(60_000);
  await third;
  expect(body.destroyed).toBe(true);
});
