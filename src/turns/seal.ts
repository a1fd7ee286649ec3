import type { Lease } from "./lease.ts";
import { TurnEnd } from "./outcome.ts";

/** Decides whether a host may still say and write anything. */
export interface Seal {
  isClosed(): boolean;
  close(): void;
}

/** `expired` is called by whoever finds the lease over. */
export function seal(lease: Lease, expired: (reason: TurnEnd) => void): Seal {
  let isClosed = false;
  return {
    isClosed() {
      if (!isClosed && lease.isOver) {
        isClosed = true;
        expired(new TurnEnd("expired"));
      }
      return isClosed;
    },
    close() {
      isClosed = true;
    },
  };
}
