import { type ConversationOptions, conversation } from "conversation-channel-client";
import type { Socket } from "phoenix";
import { onScopeDispose, shallowRef } from "vue";

/** Opens a conversation for as long as the component is there. What did not change in its state is the same object. */
export function useConversation(socket: Socket, id: string, options?: ConversationOptions) {
  const opened = conversation(socket, id, options);
  const { store } = opened;
  const state = shallowRef(store.getSnapshot());
  const unsubscribe = store.subscribe(() => {
    state.value = store.getSnapshot();
  });
  onScopeDispose(() => {
    unsubscribe();
    opened.leave();
  });
  return { conversation: opened, state };
}
