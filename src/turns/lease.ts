import { leaseMs } from "../store/turns.ts";

/** Until when this process may rely on a claim. A process that was paused has to find out that it may not, before it says anything. */
export interface Lease {
  readonly isOver: boolean;
  /** The store has granted it to a request that was sent at this time. */
  extend(sentAt: number): void;
}

/** By a clock that nobody sets. It is over no later than in the store, whose lease begins when the request arrives. */
export function lease(sentAt: number, now: () => number = () => performance.now()): Lease {
  let until = sentAt + leaseMs;
  return {
    get isOver() {
      return now() >= until;
    },
    extend(sentAt) {
      until = Math.max(until, sentAt + leaseMs);
    },
  };
}

/** For a store that no other process uses. */
export const endless: Lease = { isOver: false, extend() {} };
