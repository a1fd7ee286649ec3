import type { TurnEvent } from "./feed.ts";
import type { ConversationEvents } from "./intake.ts";
import type { Joined } from "./protocol.ts";
import type { roomOf } from "./store/room.ts";

interface Past {
  joined: Joined | undefined;
  room: ReturnType<typeof roomOf>;
  unfinished: Iterable<readonly [turnId: string, events: readonly TurnEvent[]]>;
}

/** The earlier events that a new listener still needs. */
export function pastOf(event: keyof ConversationEvents, { joined, room, unfinished }: Past): unknown[] {
  if (event === "connection") return [room.getSnapshot().connection];
  if (event === "joined") return joined ? [joined] : [];
  if (event === "presence_state") return joined ? [room.presence()] : [];
  return [...unfinished].flatMap(([, events]) =>
    events.flatMap(({ type, ...payload }) => (type === event ? [payload] : [])),
  );
}
