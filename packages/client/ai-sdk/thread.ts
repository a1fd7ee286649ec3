import type { ConversationStore, TurnState } from "../store/state.ts";
import { type ConversationUIMessage, messagesOf } from "./message.ts";

export type Thread = ReturnType<typeof thread>;

/**
 * The messages of a conversation in the form of `useChat`. A question keeps the id that the page gave it, even when an edit or
 * another answer makes it a new turn.
 */
export function thread(store: ConversationStore) {
  const questionIds = new Map<string, string>();
  const known = new WeakMap<TurnState, ConversationUIMessage[]>();

  function questionId({ key, turn_id }: TurnState): string {
    return questionIds.get(key) ?? (key === turn_id ? `${key}:question` : key);
  }

  function messages(turn: TurnState): ConversationUIMessage[] {
    const made = known.get(turn) ?? messagesOf(turn, questionId(turn));
    known.set(turn, made);
    return made;
  }

  return {
    /** The same objects as long as nothing changes. */
    messages: (): ConversationUIMessage[] => store.getSnapshot().turns.flatMap(messages),
    /** The turn of a question. */
    turnOf: (id: string) => store.getSnapshot().turns.find((turn) => questionId(turn) === id),
    /** Call before the turn with this key begins. */
    name(key: string, id: string): void {
      if (key !== id) questionIds.set(key, id);
    },
  };
}
