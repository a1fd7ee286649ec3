import { randomBytes } from "node:crypto";

type Meta = Record<string, unknown> & { phx_ref: string };

/** Who is there: for each key (a user) one meta for each of its members (a device). */
export type PresenceState = Record<string, { metas: Meta[] }>;

/** Both parts are always there, for clients throw when one is missing. */
export interface PresenceDiff {
  joins: PresenceState;
  leaves: PresenceState;
}

interface Tracked {
  key: string;
  meta: Meta;
}

/** Keeps Phoenix Presence for topics, and tells every change to `changed`. */
export function presence<Member extends { readonly topic: string }>(
  changed: (topic: string, diff: PresenceDiff) => void,
) {
  const topics = new Map<string, Map<Member, Tracked>>();

  /** A member is tracked under one key: tracking it again moves it. */
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

/** Keys are the clients' own words: only an object without a prototype holds them all. */
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
