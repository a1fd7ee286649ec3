import type { Principal } from "../auth/principal.ts";
import type { Member } from "../phoenix/channel.ts";
import { presence } from "../phoenix/presence.ts";
import type { Bus } from "../turns/bus.ts";
import { conversationOf } from "./join.ts";
import type { Viewer } from "./viewer.ts";

/** A typing indicator ends by itself if it is not renewed. */
const typingMs = 10_000;

/** One device in a conversation. */
export interface Device {
  member: Member<Principal>;
  viewer: Viewer;
  userId: string;
}

/** Presence and typing indicators. */
export interface Members {
  /** Sends the device who is present, and tells the others that it joined. */
  enter(device: Device): void;
  leave(device: Device): void;
  /** Tells the other devices. */
  setTyping(device: Device, typing: boolean): void;
}

export function members(bus: Bus): Members {
  const present = presence<Member<Principal>>((topic, diff) => {
    // After the new device's presence_state, which `enter` pushes in the same task.
    queueMicrotask(() => bus.publish(conversationOf(topic), { type: "notice", event: "presence_diff", payload: diff }));
  });
  const typingTimers = new Map<Member<Principal>, NodeJS.Timeout>();

  function setTyping({ member, viewer, userId }: Device, typing: boolean): void {
    if (!present.has(member)) return;
    clearTimeout(typingTimers.get(member));
    typingTimers.delete(member);
    if (typing) {
      const end = () => setTyping({ member, viewer, userId }, false);
      typingTimers.set(member, setTimeout(end, typingMs).unref());
    }
    const payload = { user_id: userId, typing };
    const notice = { type: "notice", event: "typing", payload, from: viewer.id } as const;
    bus.publish(conversationOf(member.topic), notice);
  }

  return {
    setTyping,
    enter({ member, viewer, userId }) {
      present.track(member, userId, { online_at: new Date().toISOString() });
      viewer.push("presence_state", present.state(member.topic));
    },
    leave(device) {
      if (typingTimers.has(device.member)) setTyping(device, false);
      present.untrack(device.member);
    },
  };
}
