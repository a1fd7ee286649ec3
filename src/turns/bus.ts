import type { JsonObject } from "../../graphs/host.ts";
import { Grouped } from "../grouped.ts";
import type { Log } from "../telemetry/log.ts";
import type { TerminalEvent } from "./terminal-event.ts";

/** What happens in a conversation, as plain data. */
export type LiveEvent =
  /** `restarts` counts how often the answer has begun anew, in attempts that crashed. */
  | { type: "began"; turnId: string; query: string; restarts: number }
  | { type: "stage"; turnId: string; stage: JsonObject }
  /** The next piece of the answer; a higher `restarts` voids all that came before. `offset` counts UTF-16 units. */
  | { type: "text"; turnId: string; restarts: number; offset: number; text: string }
  | { type: "ended"; turnId: string; terminal: TerminalEvent }
  /** The turn was broken off here; it goes on at the next start, or elsewhere. */
  | { type: "left"; turnId: string }
  /** A new session has begun: nothing more is said of these turns. */
  | { type: "reset"; turnIds: readonly string[]; payload: JsonObject }
  /** Something beside the turns; the device that it came `from` need not be told. */
  | { type: "notice"; event: "context_updated" | "typing" | "presence_diff"; payload: object; from?: string };

/** What whoever runs turns is asked to do. */
export type Order =
  | { type: "wake"; conversationId: string; userId: string }
  | { type: "stop"; turnIds: readonly string[]; reason: "stopped" | "reset" };

/** Somebody who hears what happens in conversations. */
export interface Listener {
  hear(conversationId: string, event: LiveEvent): void;
}

/** Carries the events of conversations to all that listen, and orders to whoever runs turns, each in order. Losing one must do no lasting harm. */
export interface Bus {
  /** Listeners of this process have heard the event when this returns. */
  publish(conversationId: string, event: LiveEvent): void;
  subscribe(conversationId: string, listener: Listener): void;
  unsubscribe(conversationId: string, listener: Listener): void;
  order(order: Order): void;
  /** Returns what ends the obeying. */
  obey(runner: (order: Order) => void): () => void;
}

/** The bus of one process. A listener that throws harms no other, and not the one that publishes. */
export function memoryBus(log: Log): Bus {
  const listeners = new Grouped<string, Listener>();
  const runners = new Set<(order: Order) => void>();

  function guarded(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      log.error({ err: error }, "a listener failed");
    }
  }

  return {
    publish(conversationId, event) {
      for (const listener of listeners.of(conversationId)) guarded(() => listener.hear(conversationId, event));
    },
    subscribe: (conversationId, listener) => listeners.add(conversationId, listener),
    unsubscribe: (conversationId, listener) => void listeners.delete(conversationId, listener),
    order(order) {
      for (const runner of runners) guarded(() => runner(order));
    },
    obey(runner) {
      runners.add(runner);
      return () => void runners.delete(runner);
    },
  };
}
