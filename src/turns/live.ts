import type { JsonObject } from "../../graphs/host.ts";
import type { LiveTurn } from "./live-turn.ts";
import type { TerminalEvent } from "./terminal-event.ts";

/** What watchers of a conversation learn, all in one order. */
export type LiveEvent =
  | { type: "stage"; turnId: string; stage: JsonObject }
  | { type: "text"; turn: LiveTurn }
  | { type: "ended"; turn?: LiveTurn; terminal: TerminalEvent }
  /** A new session has begun: nothing more is said of these turns. */
  | { type: "reset"; turnIds: readonly string[]; payload: JsonObject }
  /** Something beside the turns; `except` is the member who need not be told. */
  | { type: "notice"; event: "context_updated" | "typing" | "presence_diff"; payload: object; except?: unknown };

export interface Watcher {
  see(event: LiveEvent): void;
}

/** One conversation as it is now. Runners write to it, channels watch it; neither knows the other. */
interface LiveConversation {
  watchers: Set<Watcher>;
  running?: LiveTurn;
}

/** Where producers and consumers meet. An entry lives as long as somebody watches or something runs. */
export interface Live {
  watch(conversationId: string, watcher: Watcher): () => void;
  running(conversationId: string): LiveTurn | undefined;
  begin(conversationId: string, turn: LiveTurn): void;
  /** Forgets the running turn. */
  end(conversationId: string): void;
  publish(conversationId: string, event: LiveEvent): void;
}

export function live(): Live {
  const conversations = new Map<string, LiveConversation>();

  function at(conversationId: string): LiveConversation {
    const known = conversations.get(conversationId);
    if (known) return known;
    const created = { watchers: new Set<Watcher>() };
    conversations.set(conversationId, created);
    return created;
  }

  function forgetIdle(conversationId: string): void {
    const conversation = conversations.get(conversationId);
    if (conversation?.watchers.size === 0 && !conversation.running) conversations.delete(conversationId);
  }

  return {
    watch(conversationId, watcher) {
      at(conversationId).watchers.add(watcher);
      return () => {
        conversations.get(conversationId)?.watchers.delete(watcher);
        forgetIdle(conversationId);
      };
    },
    running(conversationId) {
      return conversations.get(conversationId)?.running;
    },
    begin(conversationId, turn) {
      at(conversationId).running = turn;
    },
    end(conversationId) {
      const conversation = conversations.get(conversationId);
      if (conversation) conversation.running = undefined;
      forgetIdle(conversationId);
    },
    publish(conversationId, event) {
      for (const watcher of conversations.get(conversationId)?.watchers ?? []) watcher.see(event);
    },
  };
}
