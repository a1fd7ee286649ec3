import type { Principal } from "../auth/principal.ts";
import type { Member } from "../socket/channel.ts";
import { presence } from "../socket/presence.ts";

/** A typing sign that is not renewed ends by itself. */
const typingMs = 10_000;

/** The devices in each conversation: what they tell each other beside the turns. */
export interface Members {
  /** Shows the member who is there, and the others that it came. */
  enter(member: Member<Principal>, userId: string): void;
  leave(member: Member<Principal>, userId: string): void;
  /** Tells the others; a sign that is not renewed ends by itself. */
  types(member: Member<Principal>, userId: string, typing: boolean): void;
  tell(topic: string, event: string, payload: object): void;
}

type Broadcast = (topic: string, event: string, payload: object, except?: Member<Principal>) => void;

export function members(broadcast: Broadcast): Members {
  const present = presence<Member<Principal>>((topic, diff) => {
    // Behind the newcomer's presence_state, which `enter` pushes in the same task.
    queueMicrotask(() => broadcast(topic, "presence_diff", diff));
  });
  const typists = new Map<Member<Principal>, NodeJS.Timeout>();

  function types(member: Member<Principal>, userId: string, typing: boolean): void {
    clearTimeout(typists.get(member));
    typists.delete(member);
    if (typing) typists.set(member, setTimeout(() => types(member, userId, false), typingMs).unref());
    broadcast(member.topic, "typing", { user_id: userId, typing }, member);
  }

  return {
    types,
    tell: (topic, event, payload) => broadcast(topic, event, payload),
    enter(member, userId) {
      present.track(member, userId, { online_at: new Date().toISOString() });
      member.push("presence_state", present.state(member.topic));
    },
    leave(member, userId) {
      if (typists.has(member)) types(member, userId, false);
      present.untrack(member);
    },
  };
}
