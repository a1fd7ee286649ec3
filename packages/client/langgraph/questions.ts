import type { TurnState } from "../store/state.ts";

export type Questions = ReturnType<typeof questions>;

/** The ids of the messages that ask. A question keeps its id when it is answered again, which makes it another turn. */
export function questions() {
  const ids = new Map<string, string>();
  const own = new Set<string>();

  return {
    idOf: ({ key }: TurnState): string => ids.get(key) ?? key,
    /** The hook itself shows what it sends, and what was refused. */
    isHidden: ({ key, status }: TurnState): boolean => own.has(key) && (status === "sending" || status === "refused"),
    /** Call before a message of the hook is sent. */
    asks(key: string): void {
      own.add(key);
    },
    /** Call before a question is answered again by the turn with this key. */
    asksAgain(key: string, question: string): void {
      ids.set(key, question);
    },
  };
}
