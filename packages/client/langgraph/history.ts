import { beforeAnswer, beforeQuestion } from "./forks.ts";
import { messagesOf, type TurnView } from "./values.ts";

export interface PastState {
  values: { messages: unknown[] };
  next: string[];
  tasks: [];
  checkpoint: { thread_id: string; checkpoint_ns: ""; checkpoint_id: string };
  created_at: string | undefined;
}

export interface Page {
  limit?: number;
  /** A checkpoint: only older ones. */
  before?: string;
}

/** The checkpoints that a fork can start from, newest first: before each answer, and before each message. */
export function historyOf(
  threadId: string,
  views: readonly TurnView[],
  { limit = 10, before }: Page = {},
): PastState[] {
  const messages = views.map(messagesOf);
  const past: (() => PastState)[] = [];
  const ids: string[] = [];
  for (const [at, { turn }] of views.entries()) {
    if (turn.turn_id === undefined) continue;
    for (const [checkpoint_id, ofTurn] of [
      [beforeQuestion(turn.turn_id), 0],
      [beforeAnswer(turn.turn_id), 1],
    ] as const) {
      ids.unshift(checkpoint_id);
      past.unshift(() => ({
        values: { messages: [...messages.slice(0, at).flat(), ...(messages[at] ?? []).slice(0, ofTurn)] },
        next: ["answer"],
        tasks: [],
        checkpoint: { thread_id: threadId, checkpoint_ns: "", checkpoint_id },
        created_at: turn.timestamp,
      }));
    }
  }
  const from = before === undefined ? 0 : ids.indexOf(before) + 1;
  return past.slice(from, from + limit).map((state) => state());
}
