import { useEffect, useMemo, useSyncExternalStore } from "react";

import type {
  Conversation,
  ConversationOutline,
  ConversationState,
  ConversationStore,
  Readable,
  TurnState,
} from "../conversation.ts";
import { keyOf, preferShared, type UseConversationOptions } from "../shared.ts";
import { emptyOutline, emptyState } from "./empty.ts";
import { lazyConversation } from "./lazy.ts";
import { useSocket } from "./provider.ts";

export interface UsedConversation extends ConversationState {
  /** For asking, stopping, regenerating and so on. The same object as long as the id is the same. */
  conversation: Conversation;
}

/**
 * Opens a conversation and renders again with each change, each piece of text included. Components that use the same id
 * share it. It is left when the last of them is gone.
 */
export function useConversation(id: string, options?: UseConversationOptions): UsedConversation {
  const conversation = useOpenConversation(id, options);
  const state = useReadable(conversation.store, emptyState);
  return useMemo(() => ({ conversation, ...state }), [conversation, state]);
}

/** Opens a conversation and never renders again for it. Show it with `useOutline` and `useTurn`. */
export function useOpenConversation(id: string, options: UseConversationOptions = {}): Conversation {
  const socket = useSocket();
  const { preferences } = options;
  const preferred = keyOf(preferences);
  // biome-ignore lint/correctness/useExhaustiveDependencies: A change of `preferences` is told below; the other options count when it is opened.
  const conversation = useMemo(() => lazyConversation(socket, id, options), [socket, id]);
  useEffect(() => conversation.store.outline.subscribe(() => {}), [conversation]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: Preferences with the same content are the same.
  useEffect(() => preferShared(socket, id, preferences), [socket, id, preferred]);
  return conversation;
}

/** Everything but the text of the turns. Does not render again while text arrives. */
export function useOutline({ store }: { store: ConversationStore }): ConversationOutline {
  return useReadable(store.outline, emptyOutline);
}

/** One turn, by its key. Renders again only when this turn changes. */
export function useTurn({ store }: { store: ConversationStore }, key: string): TurnState | undefined {
  const turn = useMemo(() => store.turn(key), [store, key]);
  return useReadable(turn, undefined);
}

function useReadable<Value>({ subscribe, getSnapshot }: Readable<Value>, onServer: Value): Value {
  return useSyncExternalStore(subscribe, getSnapshot, () => onServer);
}
