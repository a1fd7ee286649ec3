import { randomBytes } from "node:crypto";

type Meta = Record<string, unknown> & { phx_ref: string };

/** Who is present: under each key (a user), one meta per member (a device). */
export type PresenceState = Record<string, { metas: Meta[] }>;

/** Both parts are required: Phoenix clients throw when one is missing. */
export interface PresenceDiff {
  joins: PresenceState;
  leaves: PresenceState;
}

interface Tracked {
  key: string;
  meta: Meta;
}

/** Tracks Phoenix Presence for each topic and calls `changed` with every change. */
export function presence<Member extends { readonly topic: string }>(
  changed: (topic: string, diff: PresenceDiff) => void,
) {
  const topics = new Map<string, Map<Member, Tracked>>();

  /** A member has one key: tracking it again under another key moves it. */
  function track(member: Member, key: string, meta: object): void {
    untrack(member);
    const tracked = { key, meta: withRef(meta) };
    const members = topics.get(member.topic) ?? new Map<Member, Tracked>();
    topics.set(member.topic, members.set(member, tracked));
    changed(member.topic, { joins: stateOf([tracked]), leaves: stateOf([]) });
  }

  function update(member: Member, meta: object): void {
    const members = topics.get(member.topic);
    const before = members?.get(member);
    if (!members || !before) return;
    const tracked = { key: before.key, meta: { ...withRef(meta), phx_ref_prev: before.meta.phx_ref } };
    members.set(member, tracked);
    changed(member.topic, { joins: stateOf([tracked]), leaves: stateOf([before]) });
  }

  function untrack(member: Member): void {
    const members = topics.get(member.topic);
    const tracked = members?.get(member);
    if (!members || !tracked) return;
    members.delete(member);
    if (members.size === 0) topics.delete(member.topic);
    changed(member.topic, { joins: stateOf([]), leaves: stateOf([tracked]) });
  }

  function state(topic: string): PresenceState {
    return stateOf(topics.get(topic)?.values() ?? []);
  }

  return { track, update, untrack, state };
}

/** Clients choose the keys, so the object has no prototype: a key like `__proto__` must be safe. */
function stateOf(tracked: Iterable<Tracked>): PresenceState {
  const state: PresenceState = Object.create(null);
  for (const { key, meta } of tracked) {
    const present = state[key];
    if (present) present.metas.push(meta);
    else state[key] = { metas: [meta] };
  }
  return state;
}

function withRef(meta: object): Meta {
  return { ...meta, phx_ref: randomBytes(12).toString("base64url") };
}
