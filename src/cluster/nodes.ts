import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";

import type { Redis } from "./redis.ts";

const heartbeatMs = 1_000;

/** A node that is silent for so long is gone. */
const silenceMs = 5_000;

/** A node that leaves waits no longer for Redis. */
const partingMs = 500;

/** Longer than any card. */
const maxCardUnits = 512;

const channel = "nodes";

/** The processes of the cluster. Each tells the others once a second that it is alive; nobody's clock is compared with another's. */
export interface Nodes {
  /** This process. It has another id after a restart. */
  readonly id: string;
  /** The other nodes that are alive. */
  others(): string[];
  /** What another node tells of itself. Undefined if it is gone, or was never there. */
  cardOf(id: string): string | undefined;
  /** Called with a node that left, or was silent for 5 s. After a loss of Redis these are all. Returns a function that removes the handler. */
  onGone(handler: (id: string) => void): () => void;
  /** Called with a node that is there, or there again. Returns a function that removes the handler. */
  onNew(handler: (id: string) => void): () => void;
  /** Tells the others that this node leaves. */
  close(): Promise<void>;
}

interface Heartbeat {
  id: string;
  card: string;
  leaves: boolean;
}

/** `card` is what the others get to know of this node. */
export function openNodes(
  redis: Pick<Redis, "publish" | "subscribe" | "unsubscribe" | "onConnected">,
  card = "",
): Nodes {
  const id = randomBytes(12).toString("base64url");
  const others = new Map<string, { card: string; heardAt: number }>();
  const gone = new Set<(id: string) => void>();
  const added = new Set<(id: string) => void>();
  let sweptAt = performance.now();
  let isClosed = false;

  async function tell(leaves: boolean): Promise<void> {
    if (isClosed) return;
    isClosed = leaves;
    const heartbeat: Heartbeat = { id, card, leaves };
    await redis.publish(channel, JSON.stringify(heartbeat)).catch(() => {}); // without Redis nobody hears anything
  }

  function hear(message: string): void {
    const heartbeat = read(message);
    if (!heartbeat || heartbeat.id === id) return;
    if (heartbeat.leaves) {
      remove(heartbeat.id);
      return;
    }
    const isNew = !others.has(heartbeat.id);
    others.set(heartbeat.id, { card: heartbeat.card, heardAt: performance.now() });
    if (!isNew) return;
    void tell(false); // it does not know this node yet
    for (const handler of [...added]) handler(heartbeat.id);
  }

  function remove(other: string): void {
    if (others.delete(other)) for (const handler of [...gone]) handler(other);
  }

  /** The time that this process was stopped or busy does not count: what the others said meanwhile has not been read yet. */
  function sweep(): void {
    const now = performance.now();
    const asleepMs = Math.max(0, now - sweptAt - heartbeatMs);
    sweptAt = now;
    for (const [other, node] of [...others]) {
      node.heardAt += asleepMs;
      if (now - node.heardAt >= silenceMs) remove(other);
    }
  }

  const forget = redis.onConnected(() => void tell(false));
  void redis.subscribe(channel, hear).then(() => tell(false));
  const beating = setInterval(() => {
    sweep();
    void tell(false);
  }, heartbeatMs);
  beating.unref();

  return {
    id,
    others: () => [...others.keys()],
    cardOf: (other) => others.get(other)?.card,
    onGone(handler) {
      gone.add(handler);
      return () => void gone.delete(handler);
    },
    onNew(handler) {
      added.add(handler);
      return () => void added.delete(handler);
    },
    async close() {
      clearInterval(beating);
      forget();
      redis.unsubscribe(channel, hear);
      await Promise.race([tell(true), wait(partingMs, undefined, { ref: false })]);
    },
  };
}

/** Undefined for what a node does not say. */
function read(message: string): Heartbeat | undefined {
  try {
    const { id, card, leaves } = JSON.parse(message) as Partial<Record<keyof Heartbeat, unknown>>;
    if (typeof id !== "string" || typeof card !== "string" || card.length > maxCardUnits) return undefined;
    return { id, card, leaves: leaves === true };
  } catch {
    return undefined;
  }
}
