import type { Channel } from "phoenix";

import { type ConversationError, joinRefused } from "./error.ts";
import { handled } from "./handled.ts";
import type { Joined, Refusal } from "./protocol.ts";

/** A phoenix.js internal that is missing from its types. It is the same in all versions. */
interface Rejoinable {
  rejoin(): void;
}

interface MembershipListeners {
  joined: (reply: Joined) => void;
  /** The join was refused for good. */
  refused: (error: ConversationError) => void;
}

/** The joins of a channel: the first one, phoenix.js's own rejoins, and those requested by `again`. */
export function membership(channel: Channel, { joined, refused }: MembershipListeners) {
  let next = coming();
  let last: Joined | undefined;
  const first = next.promise;

  return {
    first,
    /** The latest join's reply. */
    get last() {
      return last;
    },
    join(): void {
      const onJoined = (reply: Joined) => {
        const { resolve } = next;
        next = coming();
        last = reply;
        joined(reply);
        resolve(reply);
      };
      const onRefused = (refusal: Refusal) => {
        const error = joinRefused(refusal);
        if (error) refused(error);
      };
      channel.join().receive("ok", onJoined).receive("error", onRefused);
    },
    /** Joins again with the current parameters. Replies to pending pushes would be lost, so call it when none are pending. */
    async again(): Promise<Joined> {
      while (channel.state === "joining") await next.promise; // that join has the old parameters
      if (channel.state === "joined") {
        channel.state = "errored"; // phoenix.js leaves a joined channel before it joins it
        (channel as Channel & Rejoinable).rejoin();
      }
      return await next.promise;
    },
    end(error: ConversationError): void {
      next.reject(error);
    },
  };
}

function coming(): PromiseWithResolvers<Joined> {
  const next = Promise.withResolvers<Joined>();
  void handled(next.promise); // `ask` reports a refusal too
  return next;
}
