import type { Bus } from "./bus.ts";
import type { Live } from "./live.ts";

/** A member is there, on this node or another, and will be sent what is published. */
export function isHeard({ bus, live }: { bus: Bus; live: Live }, conversationId: string): boolean {
  return live.isWatched(conversationId) || bus.isHeardElsewhere(conversationId);
}
