import { randomBytes } from "node:crypto";

import { Grouped } from "../grouped.ts";

type Meta = Record<string, unknown> & { phx_ref: string };

/** Who is present: under each key (a user), one meta per member (a device). */
export type PresenceState = Record<string, { metas: Meta[] }>;

/** Both parts are required: Phoenix clients throw when one is missing. */
export interface PresenceDiff {
  joins: PresenceState;
  leaves: PresenceState;
}

/** The members on other nodes. `id`: what a topic is about. */
export interface Elsewhere {
  /** Tells the other nodes who is present here. */
  tell(id: string, state: PresenceState): void;
  of(id: string): readonly PresenceState[];
}

interface Tracked {
  topic: string;
  key: string;
  meta: Meta;
}

/** Tracks Phoenix Presence for each topic and calls `changed` with every change. */
export function presence<Member extends { readonly topic: string }>(
  changed: (topic: string, diff: PresenceDiff) => void,
) {
  const members = new Map<Member, Tracked>();
  const topics = new Grouped<string, Tracked>();

  function put(member: Member, tracked: Tracked): void {
    topics.add(tracked.topic, tracked);
    members.set(member, tracked);
  }

  function take(member: Member): Tracked | undefined {
    const tracked = members.get(member);
    if (!tracked) return undefined;
    members.delete(member);
    topics.delete(tracked.topic, tracked);
    return tracked;
  }

  /** A member has one key: tracking it again under another key moves it. */
  function track(member: Member, key: string, meta: object): void {
    untrack(member);
    const tracked = { topic: member.topic, key, meta: withRef(meta) };
    put(member, tracked);
    changed(member.topic, { joins: stateOf([tracked]), leaves: stateOf([]) });
  }

  function update(member: Member, meta: object): void {
    const before = take(member);
    if (!before) return;
    const tracked = { ...before, meta: { ...withRef(meta), phx_ref_prev: before.meta.phx_ref } };
    put(member, tracked);
    changed(member.topic, { joins: stateOf([tracked]), leaves: stateOf([before]) });
  }

  function untrack(member: Member): void {
    const tracked = take(member);
    if (tracked) changed(member.topic, { joins: stateOf([]), leaves: stateOf([tracked]) });
  }

  /** Who is present on this node. */
  function state(topic: string): PresenceState {
    return stateOf(topics.of(topic));
  }

  return { track, update, untrack, state, has: (member: Member) => members.has(member) };
}

/** Who is present in one of the states. */
export function together(states: readonly PresenceState[]): PresenceState {
  const all: PresenceState = Object.create(null);
  for (const [key, { metas }] of states.flatMap(Object.entries<PresenceState[string]>)) {
    const present = all[key];
    if (present) present.metas.push(...metas);
    else all[key] = { metas: [...metas] };
  }
  return all;
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
