import type { PresenceDiff, PresenceState } from "../phoenix/presence.ts";

/** The shortest time between two diffs of one topic. */
const spacingMs = 100;

/** Tells the presence diffs of each topic: the first at once, those that follow quickly as one. */
export function mergedDiffs(tell: (topic: string, diff: PresenceDiff) => void) {
  /** Undefined while nothing has changed since the last one was told. */
  const waiting = new Map<string, PresenceDiff | undefined>();

  function flush(topic: string): void {
    const diff = waiting.get(topic);
    waiting.delete(topic);
    if (!diff) return;
    waiting.set(topic, undefined);
    setTimeout(flush, spacingMs, topic).unref();
    tell(topic, diff);
  }

  return (topic: string, diff: PresenceDiff): void => {
    const earlier = waiting.get(topic);
    const isFirst = !waiting.has(topic);
    waiting.set(topic, earlier ? merged(earlier, diff) : diff);
    // After the new device's presence_state, which is pushed in the same task.
    if (isFirst) queueMicrotask(() => flush(topic));
  };
}

/** Clients apply the joins before the leaves. So a device that joined and left stays in both: some know it from their `presence_state`. */
function merged(one: PresenceDiff, other: PresenceDiff): PresenceDiff {
  return { joins: mergedState(one.joins, other.joins), leaves: mergedState(one.leaves, other.leaves) };
}

/** Clients choose the keys, so the objects have no prototype. */
function mergedState(into: PresenceState, from: PresenceState): PresenceState {
  for (const [key, { metas }] of Object.entries(from)) {
    const present = into[key];
    if (present) present.metas.push(...metas);
    else into[key] = { metas: [...metas] };
  }
  return into;
}
