import type { Delivery, DeliveryStore } from "../store/deliveries.ts";
import type { Log } from "../telemetry/log.ts";

/** Marks are written together after so long, in ms. One that is lost makes its event go out again, marked as redelivered. */
const intervalMs = 200;

/** Which terminal events members have received; marks that are not written yet count as well. */
export interface Deliveries extends Pick<DeliveryStore, "endedAfter" | "undelivered"> {
  mark(turnId: string, delivery: Delivery): void;
  wasSent(turnId: string): boolean;
  /** Writes what was not written yet. Never rejects. */
  flush(): Promise<void>;
}

/** Collects how far terminal events have come, and writes it in batches. */
export function batchedDeliveries(store: DeliveryStore, log: Log): Deliveries {
  let marks = new Map<string, Delivery>();
  /** On its way to the store. */
  let written: ReadonlyMap<string, Delivery> = new Map();
  let timer: NodeJS.Timeout | undefined;
  let flushing = Promise.resolve();

  async function write(): Promise<void> {
    if (marks.size === 0) return;
    written = marks;
    marks = new Map();
    try {
      await store.mark(written);
    } catch (error) {
      log.error({ err: error, turns: written.size }, "deliveries were not recorded");
    }
    written = new Map();
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    flushing = flushing.then(write);
    return flushing;
  }

  return {
    endedAfter: store.endedAfter,
    async undelivered(conversationId) {
      const found = await store.undelivered(conversationId);
      return found.filter((id) => marks.get(id) !== "acknowledged" && written.get(id) !== "acknowledged");
    },
    mark(turnId, delivery) {
      if (marks.get(turnId) !== "acknowledged") marks.set(turnId, delivery);
      timer ??= setTimeout(flush, intervalMs);
    },
    wasSent: (turnId) => marks.has(turnId) || written.has(turnId),
    flush,
  };
}
