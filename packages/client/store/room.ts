import type { ConversationEvents } from "../intake.ts";
import { listenerSet, type On } from "../listeners.ts";
import type { ServerEvents } from "../protocol.ts";
import type { ConversationOutline } from "./state.ts";

/** Everything about a conversation except its turns. */
export type Room = Pick<
  ConversationOutline,
  "connection" | "session_id" | "user_id" | "context" | "warnings" | "presence" | "typing"
>;

type Presence = ServerEvents["presence_state"];

/** Follows the conversation from its start, because most of this is sent only once. */
export function roomOf(on: On<ConversationEvents>) {
  const { add, tell } = listenerSet();
  /** In the form of Phoenix Presence: by user, with one meta per device. */
  let present: Presence = {};
  let room: Room = { connection: { state: "connecting" }, context: {}, warnings: [], presence: [], typing: [] };

  function change(changes: Partial<Room>): void {
    room = { ...room, ...changes };
    tell();
  }

  function arrive(presence: Presence): void {
    present = presence;
    const users = Object.entries(presence);
    change({ presence: users.map(([user_id, { metas }]) => ({ user_id, devices: metas.length })) });
  }

  on("joined", ({ session_id, user_id, context, warnings }) => change({ session_id, user_id, context, warnings }));
  // `typing` is sent again after the next join.
  on("connection", (connection) => change({ connection, ...(connection.state !== "open" && { typing: [] }) }));
  on("conversation_reset", ({ session_id }) => change({ session_id, context: {} }));
  on("context_updated", ({ context }) => change({ context }));
  on("presence_state", arrive);
  on("presence_diff", ({ joins, leaves }) => arrive(merged(present, joins, leaves)));
  on("typing", ({ user_id, typing }) => {
    const others = room.typing.filter((other) => other !== user_id);
    change({ typing: typing ? [...others, user_id] : others });
  });

  return { subscribe: add, getSnapshot: () => room, presence: () => present };
}

/** As in Phoenix Presence: first joins are added, then leaves are removed. */
function merged(presence: Presence, joins: Presence, leaves: Presence): Presence {
  const users: Presence = {};
  for (const user of Object.keys({ ...presence, ...joins })) {
    const devices = new Map(
      [presence, joins].flatMap((some) => some[user]?.metas ?? []).map((meta) => [meta.phx_ref, meta]),
    );
    for (const { phx_ref } of leaves[user]?.metas ?? []) devices.delete(phx_ref);
    if (devices.size > 0) users[user] = { metas: [...devices.values()] };
  }
  return users;
}
