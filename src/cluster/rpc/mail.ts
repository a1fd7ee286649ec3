import { setTimeout as wait } from "node:timers/promises";

import { z } from "zod";

import type { Nodes } from "../nodes.ts";
import type { Redis } from "../redis.ts";
import { packed } from "./parcels.ts";

/** Until something is sent again that reached nobody: one of the two nodes may be connecting to Redis again. */
const againMs = 200;

const mail = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ask"), id: z.string(), from: z.string(), parcel: packed }),
  z.object({ type: z.literal("finish"), id: z.string(), from: z.string() }),
  z.object({ type: z.literal("reply"), id: z.string(), parcel: packed, isConfirmed: z.boolean() }),
  z.object({ type: z.literal("done"), id: z.string(), from: z.string(), isTaken: z.boolean() }),
]);

/** What nodes send each other. The one that asks gives the `id`. */
export type Mail = z.infer<typeof mail>;

/** Undefined for what a node of another version sends. */
export function readMail(text: string): Mail | undefined {
  return mail.safeParse(JSON.parse(text)).data;
}

/** Resolves to false if the node did not get it in time. */
export type Send = (node: string, sent: Mail, patienceMs?: number) => Promise<boolean>;

export function sender(redis: Pick<Redis, "publish">, nodes: Nodes): Send {
  return async (node, sent, patienceMs = 0) => {
    const text = JSON.stringify(sent);
    const until = performance.now() + patienceMs;
    for (;;) {
      const receivers = await redis.publish(inboxOf(node), text).catch(() => 0);
      if (receivers > 0) return true;
      if (performance.now() >= until || nodes.cardOf(node) === undefined) return false;
      await wait(againMs);
    }
  };
}

export function inboxOf(node: string): string {
  return `node:${node}`;
}
