import type { PushPayload, Reply } from "./channel.ts";
import type { Log } from "./log.ts";
import type { Membership } from "./membership.ts";
import type { Encoded, Frame } from "./serializer.ts";
import type { Broadcast } from "./topics.ts";

/** What a membership needs of the socket it lives on. Nothing here throws; what cannot be encoded is logged. */
export interface Host<Assigns> {
  readonly assigns: Assigns;
  readonly limits: { readonly pendingMessages: number };
  readonly log: Log;
  readonly congested: boolean;
  whenWritable(resume: () => void): void;
  send(data: Encoded, acknowledged?: () => void): void;
  sendBroadcast(broadcast: Broadcast): void;
  sendEnd(membership: Membership<Assigns>, event: "phx_close" | "phx_error", payload: object): void;
  /** False when the reply cannot be encoded. */
  sendReply(joinRef: unknown, frame: Frame, reply: Reply): boolean;
  /** Undefined when the push cannot be encoded. */
  encodePush(membership: Membership<Assigns>, event: string, payload: PushPayload): Encoded | undefined;
  /** The channel's `join` came back, whatever became of the membership meanwhile. */
  joinSettled(): void;
  joined(membership: Membership<Assigns>): void;
  ended(membership: Membership<Assigns>): void;
  /** Takes up a frame whose membership ended before its turn came. */
  dispatch(frame: Frame): void;
}
