import { setImmediate } from "node:timers/promises";

import type { Member } from "../phoenix/channel.ts";

/** Resolves when the member's socket has room. Rejects when the signal aborts. */
export async function room(member: Member<unknown>, signal: AbortSignal): Promise<void> {
  await setImmediate();
  if (!member.congested) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  member.whenWritable(resolve);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  signal.throwIfAborted();
}
