import type { JsonObject } from "../../graphs/host.ts";
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

interface Messages {
  [topic: `conversation:${string}`]: LiveEvent;
  runners: Order;
}

/** Carries messages to all that listen to a topic, in order. Losing one must do no lasting harm. */
export interface Bus {
  publish<Topic extends keyof Messages>(topic: Topic, message: Messages[Topic]): void;
  /** Returns what ends the subscription. Listeners of this process are called before `publish` returns. */
  subscribe<Topic extends keyof Messages>(topic: Topic, listener: (message: Messages[Topic]) => void): () => void;
}

type Listener = (message: never) => void;

/** The bus of one process. A listener that throws harms no other, and not the one that publishes. */
export function memoryBus(log: Log): Bus {
  const topics = new Map<keyof Messages, Set<Listener>>();
  return {
    publish(topic, message) {
      for (const listener of topics.get(topic) ?? []) {
        try {
          listener(message as never); // subscribed to this very topic
        } catch (error) {
          log.error({ topic, err: error }, "a listener failed");
        }
      }
    },
    subscribe(topic, listener) {
      const listeners = topics.get(topic) ?? new Set();
      topics.set(topic, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && topics.get(topic) === listeners) topics.delete(topic);
      };
    },
  };
}
