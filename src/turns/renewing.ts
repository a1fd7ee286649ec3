import { type Claim, leaseMs, type TurnStore } from "../store/turns.ts";
import type { Log } from "../telemetry/log.ts";
import type { Lease } from "./lease.ts";
import { TurnEnd } from "./outcome.ts";

/** A turn that runs here. */
export interface Held {
  claim: Claim;
  lease: Lease;
  controller: AbortController;
}

/** Renewals that may wait for an answer at the same time. */
const maxPending = 2;

/** Renews claims, and ends the turns of those that are lost, or may be, or that are to be stopped. Returns a function that ends this. */
export function renewing(turns: Pick<TurnStore, "renew">, held: () => Held[], log: Log): () => void {
  let pending = 0;

  async function renew(): Promise<void> {
    const all = held();
    if (all.length === 0 || pending >= maxPending) return;
    pending += 1;
    const sentAt = performance.now();
    try {
      const { void: lost, stopped } = await turns.renew(all.map(({ claim }) => claim));
      const [lostOnes, stoppedOnes] = [new Set(lost), new Set(stopped)];
      for (const { claim, lease, controller } of all) {
        if (lostOnes.has(claim)) controller.abort(new TurnEnd("lost"));
        else lease.extend(sentAt);
        if (stoppedOnes.has(claim)) controller.abort(new TurnEnd("stopped"));
      }
    } catch (error) {
      log.warn({ err: error }, "claims were not renewed");
    } finally {
      pending -= 1;
    }
  }

  function expire(): void {
    for (const { lease, controller } of held()) if (lease.isOver) controller.abort(new TurnEnd("expired"));
  }

  const timers = [setInterval(renew, leaseMs / 3), setInterval(expire, leaseMs / 12)];
  for (const timer of timers) timer.unref();
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
