import type { Log } from "./log.ts";
import type { Membership } from "./membership.ts";
import type { Outlet } from "./outlet.ts";
import type { Frame } from "./serializer.ts";

/** What a membership needs of the socket it lives on. */
export interface Host<Assigns> {
  readonly assigns: Assigns;
  readonly limits: { readonly pendingMessages: number };
  readonly log: Log;
  readonly outlet: Outlet;
  /** The channel's `join` came back, whatever became of the membership meanwhile. */
  joinSettled(): void;
  joined(membership: Membership<Assigns>): void;
  ended(membership: Membership<Assigns>): void;
  /** Takes up a frame whose membership ended before its turn came. */
  dispatch(frame: Frame): void;
}
