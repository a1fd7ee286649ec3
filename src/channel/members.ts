import type { Principal } from "../auth/principal.ts";
import type { Member } from "../phoenix/channel.ts";
import { presence } from "../phoenix/presence.ts";
import type { Bus } from "../turns/bus.ts";
import { conversationOf } from "./join.ts";
import type { Viewer } from "./viewer.ts";

/** A typing sign that is not renewed ends by itself. */
const typingMs = 10_000;

/** One device in a conversation. */
export interface Device {
  member: Member<Principal>;
  viewer: Viewer;
  userId: string;
}

/** The devices in each conversation: what they tell each other beside the turns. */
export interface Members {
  /** Shows the device who is there, and the others that it came. */
  enter(device: Device): void;
  leave(device: Device): void;
  /** Tells the others; a sign that is not renewed ends by itself. */
  types(device: Device, typing: boolean): void;
}

export function members(bus: Bus): Members {
  const present = presence<Member<Principal>>((topic, diff) => {
    // Behind the newcomer's presence_state, which `enter` pushes in the same task.
    queueMicrotask(() => bus.publish(conversationOf(topic), { type: "notice", event: "presence_diff", payload: diff }));
  });
  const typists = new Map<Member<Principal>, NodeJS.Timeout>();

  function types({ member, viewer, userId }: Device, typing: boolean): void {
    if (!present.has(member)) return;
    clearTimeout(typists.get(member));
    typists.delete(member);
    if (typing) typists.set(member, setTimeout(() => types({ member, viewer, userId }, false), typingMs).unref());
    const payload = { user_id: userId, typing };
    const notice = { type: "notice", event: "typing", payload, from: viewer.id } as const;
    bus.publish(conversationOf(member.topic), notice);
  }

  return {
    types,
    enter({ member, viewer, userId }) {
      present.track(member, userId, { online_at: new Date().toISOString() });
      viewer.push("presence_state", present.state(member.topic));
    },
    leave(device) {
      if (typists.has(device.member)) types(device, false);
      present.untrack(device.member);
    },
  };
}
