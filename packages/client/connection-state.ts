import type { Channel, Socket } from "phoenix";

import type { ConversationError } from "./error.ts";
import { handshakeRefusal } from "./handshake.ts";
import type { Connection } from "./store/state.ts";

/** Tracks whether the conversation is connected. Calls `tell` on each change. */
export function connectionState(socket: Socket, channel: Channel, tell: (connection: Connection) => void) {
  let current: Connection = { state: "connecting" };
  let hasJoined = false;
  let isOver = false;

  function change(next: Connection): void {
    if (isOver || isSame(next, current)) return;
    current = next;
    tell(next);
  }

  const waiting = () => change({ state: hasJoined ? "reconnecting" : "connecting" });

  return {
    joined(): void {
      hasJoined = true;
      change({ state: "open" });
    },
    lost(): void {
      if (current.state !== "refused") waiting();
    },
    /** The server did not take a connection. */
    async unopened(): Promise<void> {
      const error = await handshakeRefusal(socket);
      if (channel.state === "joined") return;
      if (error) change({ state: "refused", error });
      else waiting();
    },
    ended(error: ConversationError): void {
      change(error.code === "left" ? { state: "left" } : { state: "refused", error });
      isOver = true;
    },
  };
}

function isSame(one: Connection, other: Connection): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
