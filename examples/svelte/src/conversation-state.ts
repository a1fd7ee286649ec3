import type { Conversation } from "conversation-channel-client";
import { readable } from "svelte/store";

/** A conversation's state as a Svelte store. What did not change in it is the same object. */
export function conversationState({ store }: Conversation) {
  return readable(store.getSnapshot(), (set) => {
    set(store.getSnapshot());
    return store.subscribe(() => set(store.getSnapshot()));
  });
}
