import { setTimeout as wait } from "node:timers/promises";

import type { User } from "../phoenix/user.ts";

/** Whose POSTs arrive. */
export interface Sender {
  user: User;
  /** Bytes of POSTs that have not arrived as a whole. */
  arriving: number;
}

/** Undefined if all POSTs that a sender has under way are too large, or all of its user's. */
export async function readBody(
  request: AsyncIterable<Buffer> | Iterable<Buffer>,
  sender: Sender,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      if (sender.arriving + chunk.length > maxBytes || !sender.user.hold(chunk.length)) return undefined;
      sender.arriving += chunk.length;
      bytes += chunk.length;
      chunks.push(chunk);
      const pauseMs = sender.user.readMs(chunk.length);
      if (pauseMs > 0) await wait(pauseMs);
    }
    return Buffer.concat(chunks);
  } finally {
    sender.arriving -= bytes;
    sender.user.release(bytes);
  }
}
