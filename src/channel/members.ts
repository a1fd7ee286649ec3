import type { Principal } from "../auth/principal.ts";
import { ChannelError } from "../errors.ts";
import type { Member } from "../phoenix/channel.ts";
import { type Elsewhere, type PresenceState, presence, together } from "../phoenix/presence.ts";
import type { Bus } from "../turns/bus.ts";
import { conversationOf } from "./join.ts";
import { mergedDiffs } from "./merged-diffs.ts";
import { refusalEvent } from "./refusal.ts";
import { Typing } from "./typing.ts";
import type { Viewer } from "./viewer.ts";

/** One device in a conversation. */
export interface Device {
  member: Member<Principal>;
  viewer: Viewer;
  userId: string;
}

/** Presence and typing indicators. */
export interface Members {
  /** Sends the device who is present, and tells the others that it joined. If it is one too many, the one that did nothing for longest leaves. */
  enter(device: Device): void;
  /** Call whenever the device does something. */
  active(device: Device): void;
  leave(device: Device): void;
  /** Tells the other devices. */
  setTyping(device: Device, typing: boolean): void;
}

/** `maxDevices` is for each conversation; 0 disables the limit. `elsewhere`: the other nodes, if there can be any. */
export function members(bus: Bus, maxDevices: number, elsewhere?: Elsewhere): Members {
  const present = presence<Member<Principal>>(
    mergedDiffs((topic, diff) => {
      const conversationId = conversationOf(topic);
      elsewhere?.tell(conversationId, present.state(topic));
      bus.publish(conversationId, { type: "notice", event: "presence_diff", payload: diff });
    }),
  );
  /** The devices of each topic, the least active one first. */
  const devices = new Map<string, Set<Device>>();
  const typings = new Map<Device, Typing>();

  function typingOf(device: Device): Typing {
    const known = typings.get(device);
    if (known) return known;
    const typing = new Typing((isTyping) => {
      const payload = { user_id: device.userId, typing: isTyping };
      const notice = { type: "notice", event: "typing", payload, from: device.viewer.id } as const;
      bus.publish(conversationOf(device.member.topic), notice);
    });
    typings.set(device, typing);
    return typing;
  }

  /** A node makes room among its own devices, and always lets the new one in. */
  function makeRoom(devicesHere: Set<Device>, others: number): void {
    const [idlest] = devicesHere;
    if (!idlest || maxDevices === 0 || devicesHere.size === 1 || devicesHere.size + others <= maxDevices) return;
    const message = `The conversation is open on more than ${maxDevices} devices. This one did nothing for longest, and has left it.`;
    idlest.member.push("error", refusalEvent(new ChannelError("busy", message)));
    idlest.member.stop();
  }

  return {
    setTyping(device, typing) {
      if (present.has(device.member)) typingOf(device).set(typing);
    },
    active(device) {
      const devicesHere = devices.get(device.member.topic);
      if (devicesHere?.delete(device)) devicesHere.add(device);
    },
    enter(device) {
      const { member, viewer, userId } = device;
      present.track(member, userId, { online_at: new Date().toISOString() });
      const others = elsewhere?.of(conversationOf(member.topic)) ?? [];
      viewer.push("presence_state", together([present.state(member.topic), ...others]));
      const devicesHere = devices.get(member.topic) ?? new Set();
      devices.set(member.topic, devicesHere.add(device));
      makeRoom(devicesHere, countOf(others));
    },
    leave(device) {
      typings.get(device)?.stop();
      typings.delete(device);
      present.untrack(device.member);
      const { topic } = device.member;
      const devicesHere = devices.get(topic);
      devicesHere?.delete(device);
      if (devicesHere?.size === 0) devices.delete(topic);
    },
  };
}

function countOf(states: readonly PresenceState[]): number {
  return states.flatMap(Object.values<PresenceState[string]>).reduce((sum, { metas }) => sum + metas.length, 0);
}
