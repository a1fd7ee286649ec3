import type { Log } from "./log.ts";
import type { Outlet } from "./outlet.ts";
import type { Subscriber } from "./topics.ts";
import type { Frame } from "./wire/serializer.ts";

/** What a membership needs of the socket it lives on. */
export interface Host<Assigns> {
  readonly assigns: Assigns;
  readonly limits: { readonly pendingMessages: number };
  readonly log: Log;
  readonly outlet: Outlet;
  /** The channel's `join` came back, whatever became of the membership meanwhile. */
  joinSettled(): void;
  joined(membership: Subscriber): void;
  ended(membership: Subscriber): void;
  /** Takes up a frame whose membership ended before its turn came. */
  dispatch(frame: Frame): void;
}
