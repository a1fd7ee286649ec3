import type { PresenceDiff, PresenceState } from "../phoenix/presence.ts";
import type { Body, Letter } from "./letters.ts";

/** Another node, as seen in one conversation. */
export interface Peer {
  id: string;
  link: number;
  /** The number of its last letter. */
  n: number;
  /** Letters of it were lost: its events mean nothing until it tells its state. */
  isAwaited: boolean;
  /** Events of it were lost or dropped. What they led to is in its state, or in the store. */
  hasDropped: boolean;
  present: PresenceState;
}

/** A letter from a node. With `isGap`, those before it were lost. */
export interface Arrived {
  peer: Peer;
  body: Body;
  isGap: boolean;
}

/** The other nodes that listen to a conversation. */
export class Peers {
  #peers = new Map<string, Peer>();

  /** Notes the letter's number. `isNew`: nothing was heard of this sender before. */
  note({ from, link, n, body }: Letter): Arrived & { isNew: boolean } {
    const known = this.#peers.get(from);
    const peer = known ?? { id: from, link, n, isAwaited: false, hasDropped: false, present: {} };
    this.#peers.set(from, peer);
    if (link === 0) return { peer, body, isNew: !known, isGap: false };
    const tellsAll = body.type === "hello" || body.type === "state";
    const isNext = known === undefined || (peer.link === link && n === peer.n + 1) || (peer.link !== link && tellsAll);
    peer.link = link;
    peer.n = n;
    peer.hasDropped ||= !isNext;
    return { peer, body, isNew: !known, isGap: !isNext };
  }

  /** The change of who is present, if there is one. */
  setPresent(peer: Peer, present: PresenceState): PresenceDiff | undefined {
    const before = peer.present;
    peer.present = present;
    return diffOf(before, present);
  }

  /** The node listens no longer. Returns who is no longer present. */
  remove(id: string): PresenceDiff | undefined {
    const peer = this.#peers.get(id);
    this.#peers.delete(id);
    return peer && diffOf(peer.present, {});
  }

  /** Whether something of it was dropped since the last time. */
  takeDropped(peer: Peer): boolean {
    const { hasDropped } = peer;
    peer.hasDropped = false;
    return hasDropped;
  }

  get(id: string): Peer | undefined {
    return this.#peers.get(id);
  }

  get ids(): string[] {
    return [...this.#peers.keys()];
  }

  get isSomeAwaited(): boolean {
    return [...this.#peers.values()].some(({ isAwaited }) => isAwaited);
  }

  get present(): PresenceState[] {
    return [...this.#peers.values()].map(({ present }) => present);
  }
}

export function diffOf(before: PresenceState, after: PresenceState): PresenceDiff | undefined {
  const joins = without(after, before);
  const leaves = without(before, after);
  return Object.keys(joins).length + Object.keys(leaves).length > 0 ? { joins, leaves } : undefined;
}

/** The metas that the other state does not have. Clients choose the keys, so the objects have no prototype. */
function without(state: PresenceState, other: PresenceState): PresenceState {
  const rest: PresenceState = Object.create(null);
  for (const [key, { metas }] of Object.entries(state)) {
    const others = Object.hasOwn(other, key) ? (other[key]?.metas ?? []) : [];
    const known = new Set(others.map(({ phx_ref }) => phx_ref));
    const added = metas.filter(({ phx_ref }) => !known.has(phx_ref));
    if (added.length > 0) rest[key] = { metas: added };
  }
  return rest;
}
