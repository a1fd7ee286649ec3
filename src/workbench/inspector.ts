import type { Turn } from "../store/turns.ts";
import type { Trace } from "../telemetry/tracing.ts";
import { type NodeEvent, NodeWatcher } from "./node-watcher.ts";

/** What a node of a turn does. */
export type Seen = (turnId: string, event: NodeEvent) => void;

/** Shows the nodes of running turns to those who look; where nobody does, turns run without it. */
export interface Inspector {
  watch(conversationId: string, seen: Seen): () => void;
  /** A turn's trace with the looking in it. */
  looking(turn: Turn, trace: Trace): Trace;
}

export function inspector(): Inspector {
  const watchers = new Map<string, Set<Seen>>();
  return {
    watch(conversationId, seen) {
      const all = watchers.get(conversationId) ?? new Set();
      watchers.set(conversationId, all.add(seen));
      return () => {
        all.delete(seen);
        if (all.size === 0 && watchers.get(conversationId) === all) watchers.delete(conversationId);
      };
    },
    looking({ id, conversationId }, trace) {
      if (!watchers.has(conversationId)) return trace;
      const watcher = new NodeWatcher((event) => {
        for (const seen of watchers.get(conversationId) ?? []) seen(id, event);
      });
      return { ...trace, callbacks: [...(trace.callbacks ?? []), watcher] };
    },
  };
}
