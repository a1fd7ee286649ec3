import type { TurnState } from "../store/state.ts";

export type Questions = ReturnType<typeof questions>;

/** The ids of questions. A question keeps its id when another answer makes it a new turn. */
export function questions() {
  const ids = new Map<string, string>();
  const own = new Set<string>();

  return {
    idOf: ({ key }: TurnState): string => ids.get(key) ?? key,
    /** The hook itself shows what it sends, and what was refused. */
    isHidden: ({ key, status }: TurnState): boolean => own.has(key) && (status === "sending" || status === "refused"),
    /** Call before the hook's message is sent. */
    asks(key: string): void {
      own.add(key);
    },
    /** Call before the turn with this key answers a question again. */
    asksAgain(key: string, question: string): void {
      ids.set(key, question);
    },
  };
}
