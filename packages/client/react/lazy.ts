import type { Socket } from "phoenix";

import type { Conversation, ConversationState, ConversationStore, Readable } from "../conversation.ts";
import { findShared, holdShared, type UseConversationOptions } from "../shared.ts";
import { emptyOutline, emptyState } from "./empty.ts";

/**
 * A conversation that is opened when it is first used, so that rendering it has no effect: React may render components that
 * it never shows. Each subscription keeps it open.
 */
export function lazyConversation(socket: Socket, id: string, options: UseConversationOptions): Conversation {
  function opened(): Conversation {
    const release = holdShared(socket, id, options);
    release();
    return current();
  }

  function current(): Conversation {
    const found = findShared(socket, id);
    if (!found) throw new Error(`The conversation ${id} is not open.`);
    return found;
  }

  function readable<Value>(of: (store: ConversationStore) => Readable<Value>, empty: Value): Readable<Value> {
    return {
      subscribe(changed) {
        const release = holdShared(socket, id, options);
        const unsubscribe = of(current().store).subscribe(changed);
        return () => {
          unsubscribe();
          release();
        };
      },
      getSnapshot() {
        const found = findShared(socket, id);
        return found ? of(found.store).getSnapshot() : empty;
      },
    };
  }

  const store: ConversationStore = {
    ...readable<ConversationState>((store) => store, emptyState),
    outline: readable(({ outline }) => outline, emptyOutline),
    turn: (key) => readable((store) => store.turn(key), undefined),
    loadEarlier: () => opened().store.loadEarlier(),
    dismiss: (key) => opened().store.dismiss(key),
    retry: (key) => opened().store.retry(key),
  };

  return {
    get channel() {
      return opened().channel;
    },
    get joined() {
      return opened().joined;
    },
    store,
    on: (event, listener) => opened().on(event, listener),
    setPreferences: (preferences) => opened().setPreferences(preferences),
    ask: (content, options) => opened().ask(content, options),
    regenerate: (options) => opened().regenerate(options),
    edit: (turnId, content, options) => opened().edit(turnId, content, options),
    respond: (turnId, responses) => opened().respond(turnId, responses),
    stop: (turnId) => opened().stop(turnId),
    push: (event, payload) => opened().push(event, payload),
    leave: () => findShared(socket, id)?.leave(),
  };
}
