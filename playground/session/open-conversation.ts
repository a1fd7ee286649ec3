import type { ReadonlySignal } from "@preact/signals";
import {
  type Conversation,
  type ConversationOutline,
  conversation as join,
  type TurnState,
} from "conversation-channel-client";

import { preferences } from "./preferences.ts";
import { signalByFrame, signalOf } from "./readable.ts";
import { socket } from "./socket.ts";

/** A conversation that this page has joined, as signals. */
export interface OpenConversation {
  readonly id: string;
  /** It was made here, so it has no history. */
  readonly isNew: boolean;
  readonly conversation: Conversation;
  readonly outline: ReadonlySignal<ConversationOutline>;
  turn(key: string): ReadonlySignal<TurnState | undefined>;
  /** Any turn as it is now. */
  turnNow(key: string): TurnState | undefined;
}

export function openConversation(id: string, isNew: boolean): OpenConversation {
  const conversation = join(socket, id, { preferences: joinPreferences() });
  const { store } = conversation;
  const turns = new Map<string, ReadonlySignal<TurnState | undefined>>();
  return {
    id,
    isNew,
    conversation,
    outline: signalOf(store.outline),
    turn(key) {
      const turn = turns.get(key) ?? signalByFrame(store.turn(key));
      turns.set(key, turn);
      return turn;
    },
    turnNow: (key) => store.turn(key).getSnapshot(),
  };
}

export function joinPreferences(): Record<string, unknown> {
  return { include_reasoning: true, include_sources: true, ...preferences.value };
}
