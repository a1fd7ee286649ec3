import type { Member } from "../phoenix/channel.ts";
import type { Events } from "./wire/events.ts";

/** Sends an event to one member. */
export function tell<Event extends keyof Events>(
  member: Pick<Member<unknown>, "push">,
  event: Event,
  payload: Events[Event],
): void {
  member.push(event, payload);
}
