import type { Log } from "./log.ts";
import type { Outlet } from "./outlet.ts";
import type { Subscriber } from "./topics.ts";
import type { Waiting } from "./waiting.ts";
import type { Frame, PushPayload } from "./wire/serializer.ts";

/** What a membership needs from its socket. */
export interface MembershipHost<Assigns> {
  readonly assigns: Assigns;
  readonly limits: { readonly pendingMessages: number };
  readonly log: Log;
  readonly outlet: Outlet;
  readonly waiting: Waiting;
  /** Call when the channel's `join` has settled, even if the membership has ended in the meantime. */
  joinSettled(join: Frame | undefined): void;
  /** Sends an event as a broadcast of the topic. */
  share(topic: string, event: string, payload: PushPayload): void;
  joined(membership: Subscriber): void;
  ended(membership: Subscriber): void;
  /** Dispatches a frame again whose membership ended before handling it. */
  dispatch(frame: Frame): void;
}
