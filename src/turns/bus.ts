import type { FileFacts } from "../../graphs/files.ts";
import type { InputRequest, JsonObject } from "../../graphs/host.ts";
import type { ToolCallEvent } from "../../graphs/progress.ts";
import { Grouped } from "../grouped.ts";
import type { End } from "../store/deliveries.ts";
import type { Log } from "../telemetry/log.ts";
import type { TerminalEvent } from "./terminal-event.ts";

/** What a turn said and did before it waited, or before its process died. */
export interface Before {
  answer: string;
  reasoning?: { text: string; restarts: number };
  stage?: JsonObject;
  /** By their keys. */
  calls: ReadonlyMap<string, ToolCall>;
}

/** The payload of a `tool_call` event, without its turn. */
export type ToolCall = Omit<ToolCallEvent, "key" | "repeatable" | "usesRecorded" | "result">;

/** What happens in a conversation, as plain data. */
export type LiveEvent =
  /** A turn has started to run, or to run again. `restarts` counts the answers that were discarded. `isElsewhere`: on another node; `isLate`: not heard from its beginning. */
  | {
      type: "began";
      turnId: string;
      attempt: number;
      query: string;
      attachments?: readonly FileFacts[];
      restarts: number;
      isElsewhere?: true;
      isLate?: true;
      before?: Before;
    }
  | { type: "stage"; turnId: string; stage: JsonObject }
  /** The next piece of the answer. A higher `restarts` discards all earlier pieces. `offset` counts UTF-16 units. */
  | { type: "text"; turnId: string; restarts: number; offset: number; text: string }
  /** The same for what the model tells about its thinking. */
  | { type: "reasoning"; turnId: string; restarts: number; offset: number; text: string }
  /** The state of a tool call has changed. */
  | { type: "tool"; turnId: string; key: string; call: ToolCall }
  /** What a graph wrote for the clients. */
  | { type: "custom"; turnId: string; data: unknown }
  /** The turn has stopped running: it waits for a person. */
  | { type: "requested"; turnId: string; requests: readonly InputRequest[] }
  | { type: "answered"; turnId: string; interruptIds: readonly string[] }
  /** `isSent`: the store marks it as sent. `late`: it was missed and read from the store, with the whole texts. */
  | {
      type: "ended";
      turnId: string;
      terminal: TerminalEvent;
      isSent: boolean;
      late?: { answer: string; reasoning: string };
    }
  /** This attempt is over without an outcome. A later one may run already. */
  | { type: "abandoned"; turnId: string; attempt: number }
  /** A new session has started. No more events follow for these turns. */
  | { type: "reset"; turnIds: readonly string[]; payload: JsonObject }
  /** Not about a turn. Every device gets it except the one that it is `from`. */
  | { type: "notice"; event: "context_updated" | "typing" | "presence_diff"; payload: object; from?: string };

/** A command to the runner of the turns. */
export type Command =
  /** `turnId`: a turn that goes on after it has waited. */
  | { type: "wake"; conversationId: string; userId: string; turnId?: string }
  | { type: "stop"; conversationId: string; turnIds: readonly string[]; reason: "stopped" | "reset" }
  /** A node gives up these conversations. */
  | { type: "look"; conversations: readonly { conversationId: string; userId: string }[] };

export interface Listener {
  hear(conversationId: string, event: LiveEvent): void;
}

/** Carries events to listeners and commands to runners, in order. A lost event or command must not do lasting harm. */
export interface Bus {
  /** Calls this process's listeners before it returns. Those of other nodes hear it later, or not at all. */
  publish(conversationId: string, event: LiveEvent): void;
  subscribe(conversationId: string, listener: Listener): void;
  unsubscribe(conversationId: string, listener: Listener): void;
  /**
   * For a subscriber. Resolves once events from other nodes arrive and their running turns are known, or after a short wait. With the turns that
   * have ended although listeners may be told of it only now: this one finds those ends in the store.
   */
  joined(conversationId: string): Promise<readonly string[]>;
  /** Undefined if this process's listeners know of this end; otherwise a promise that resolves when they do, or after a second. */
  told(conversationId: string, end: End): Promise<void> | undefined;
  /** Listeners of another node hear what is published. */
  isHeardElsewhere(conversationId: string): boolean;
  send(command: Command): void;
  /** Returns a function that removes the handler. */
  onCommand(handler: (command: Command) => void): () => void;
}

/** The bus of one process. Errors of a listener are logged; they reach neither the publisher nor other listeners. */
export function memoryBus(log: Log): Bus {
  const listeners = new Grouped<string, Listener>();
  const handlers = new Set<(command: Command) => void>();

  function guarded(call: () => void): void {
    try {
      call();
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
    joined: async () => [],
    told: () => undefined,
    isHeardElsewhere: () => false,
    send(command) {
      for (const handler of handlers) guarded(() => handler(command));
    },
    onCommand(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
  };
}
