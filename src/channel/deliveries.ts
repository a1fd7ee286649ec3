import type { Delivery, DeliveryStore } from "../store/deliveries.ts";
import { StoreBusy } from "../store/store.ts";
import type { Log } from "../telemetry/log.ts";

/** Acknowledgements are written in batches. If the process crashes before, the events are sent again, marked as redelivered. */
const intervalMs = 200;

/** Which terminal events members have received, including acknowledgements that are not written yet. */
export interface Deliveries extends Pick<DeliveryStore, "endedAfter" | "undelivered"> {
  acknowledged(turnId: string): void;
  /** The event is about to be sent. Resolves once the store has it, so that every node knows. Never rejects. */
  markSent(turnId: string): Promise<void>;
  /** Writes all pending marks. Never rejects. */
  flush(): Promise<void>;
}

export function batchedDeliveries(
  store: Pick<DeliveryStore, "endedAfter" | "undelivered" | "mark">,
  log: Log,
): Deliveries {
  let marks = new Map<string, Delivery>();
  /** Being written to the store. */
  let writing: ReadonlyMap<string, Delivery> = new Map();
  let timer: NodeJS.Timeout | undefined;
  let flushing = Promise.resolve();

  async function write(): Promise<void> {
    if (marks.size === 0) return;
    writing = marks;
    marks = new Map();
    try {
      await store.mark(writing);
    } catch (error) {
      log.error({ err: error, turns: writing.size }, "deliveries were not recorded");
      if (error instanceof StoreBusy) for (const [turnId, delivery] of writing) mark(turnId, delivery);
    }
    writing = new Map();
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    flushing = flushing.then(write);
    return flushing;
  }

  function mark(turnId: string, delivery: Delivery): void {
    if (marks.get(turnId) !== "acknowledged") marks.set(turnId, delivery);
    timer ??= setTimeout(flush, intervalMs);
  }

  return {
    endedAfter: store.endedAfter,
    async undelivered(conversationId) {
      const found = await store.undelivered(conversationId);
      return found.filter((id) => marks.get(id) !== "acknowledged" && writing.get(id) !== "acknowledged");
    },
    acknowledged: (turnId) => mark(turnId, "acknowledged"),
    async markSent(turnId) {
      mark(turnId, "sent");
      await flush();
    },
    flush,
  };
}
