import { LRUCache } from "lru-cache";

import type { Turn } from "../store/turns.ts";
import type { Trace } from "../telemetry/tracing.ts";
import { NodeWatcher } from "./node-watcher.ts";
import type { RunEvent } from "./wire/runs.ts";

export type NodeListener = (turnId: string, event: RunEvent) => void;

/** Reports what the nodes of running turns do. Costs nothing for conversations that nobody inspects. */
export interface Inspector {
  /** Returns a function that removes the listener. */
  watch(conversationId: string, listener: NodeListener): () => void;
  /** Adds the inspection to a turn's trace if somebody watches the conversation. */
  inspected(turn: Turn, trace: Trace): Trace;
  /** The events of a turn, if they are still kept. */
  eventsOf(turnId: string): readonly RunEvent[];
}

/** For all kept events as JSON, in UTF-16 units. */
const maxKeptUnits = 8_388_608;

/** For the events of one turn. Further ones are kept without what went in and out, up to twice as much. */
const maxTurnUnits = 524_288;

export function inspector(): Inspector {
  const watchers = new Map<string, Set<NodeListener>>();
  const kept = new LRUCache<string, { events: RunEvent[]; units: number }>({
    maxSize: maxKeptUnits,
    sizeCalculation: ({ units }) => units,
  });

  function keep(turnId: string, event: RunEvent): void {
    const { events = [], units = 0 } = kept.get(turnId) ?? {};
    const whole = units + JSON.stringify(event).length;
    const shown = whole <= maxTurnUnits ? event : { ...event, input: undefined, output: undefined };
    const all = units + JSON.stringify(shown).length;
    if (all <= 2 * maxTurnUnits) kept.set(turnId, { events: [...events, shown], units: all });
  }

  return {
    watch(conversationId, listener) {
      const all = watchers.get(conversationId) ?? new Set();
      watchers.set(conversationId, all.add(listener));
      return () => {
        all.delete(listener);
        if (all.size === 0 && watchers.get(conversationId) === all) watchers.delete(conversationId);
      };
    },
    inspected({ id, conversationId }, trace) {
      if (!watchers.has(conversationId)) return trace;
      const watcher = new NodeWatcher((event) => {
        keep(id, event);
        for (const listener of watchers.get(conversationId) ?? []) listener(id, event);
      });
      return { ...trace, callbacks: [...(trace.callbacks ?? []), watcher] };
    },
    eventsOf: (turnId) => kept.get(turnId)?.events ?? [],
  };
}
