import type { ConversationEvents } from "../intake.ts";
import type { listenersOf } from "../listeners.ts";
import type { Joined, ServerEvents } from "../protocol.ts";
import { Cell } from "./readable.ts";
import type { Connection, ConversationOutline } from "./state.ts";

/** What there is to know of a conversation beside its turns. */
export type Room = Pick<
  ConversationOutline,
  "connection" | "session_id" | "user_id" | "context" | "warnings" | "presence" | "typing"
>;

type On = ReturnType<typeof listenersOf<ConversationEvents>>["on"];

type Presence = ServerEvents["presence_state"];

/** Follows the conversation from its beginning: most of this is told only once. */
export class RoomState extends Cell<Room> {
  /** As Phoenix Presence has it: by user, one meta for each device. */
  presence: Presence = {};

  constructor() {
    super({ connection: { state: "connecting" }, context: {}, warnings: [], presence: [], typing: [] });
  }

  follow(on: On): void {
    on("joined", (reply) => this.#joined(reply));
    on("connection", (connection) => this.#connected(connection));
    on("conversation_reset", ({ session_id }) => this.#change({ session_id, context: {} }));
    on("context_updated", ({ context }) => this.#change({ context }));
    on("presence_state", (state) => this.#present(state));
    on("presence_diff", ({ joins, leaves }) => this.#present(merged(this.presence, joins, leaves)));
    on("typing", ({ user_id, typing }) => {
      const others = this.getSnapshot().typing.filter((other) => other !== user_id);
      this.#change({ typing: typing ? [...others, user_id] : others });
    });
  }

  #joined({ session_id, user_id, context, warnings }: Joined): void {
    this.#change({ session_id, user_id, context, warnings });
  }

  /** Who is typing is told anew after the next join. */
  #connected(connection: Connection): void {
    if (connection.state === "open") this.#change({ connection });
    else this.#change({ connection, ...(this.getSnapshot().typing.length > 0 && { typing: [] }) });
  }

  #present(presence: Presence): void {
    this.presence = presence;
    const users = Object.entries(presence).map(([user_id, { metas }]) => ({ user_id, devices: metas.length }));
    this.#change({ presence: users });
  }

  #change(change: Partial<Room>): void {
    this.set({ ...this.getSnapshot(), ...change });
  }
}

function merged(presence: Presence, joins: Presence, leaves: Presence): Presence {
  const users = { ...presence };
  for (const [user, { metas }] of Object.entries(joins)) {
    users[user] = { metas: [...without(users[user]?.metas, metas), ...metas] };
  }
  for (const [user, { metas }] of Object.entries(leaves)) {
    const rest = without(users[user]?.metas, metas);
    if (rest.length > 0) users[user] = { metas: rest };
    else delete users[user];
  }
  return users;
}

type Metas = Presence[string]["metas"];

function without(metas: Metas = [], others: Metas): Metas {
  return metas.filter(({ phx_ref }) => !others.some((other) => other.phx_ref === phx_ref));
}
