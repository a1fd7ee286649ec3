import { messagesOf, type TurnView } from "./values.ts";
import { event, type Sent } from "./wire.ts";

const afterQuestion = ":asked";

/** The checkpoint before a turn's message. */
export function beforeQuestion(turnId: string): string {
  return turnId;
}

/** The checkpoint between a turn's message and its answer. */
export function beforeAnswer(turnId: string): string {
  return `${turnId}${afterQuestion}`;
}

/** The turn that a fork from the checkpoint replaces. */
export function turnOfCheckpoint(id: string): string {
  return id.endsWith(afterQuestion) ? id.slice(0, -afterQuestion.length) : id;
}

/** The SDK takes a while for each turn. Checkpoints of older turns are in the history. */
const newestTurns = 100;

/**
 * Gives `useMessageMetadata` the checkpoints to fork from. The SDK reads them from a state with only these messages. The state
 * is marked as older, so the SDK removes no other messages.
 */
export function forkPoints(views: readonly TurnView[]): Sent[] {
  return views.slice(-newestTurns).flatMap((view) => {
    const turnId = view.turn.turn_id;
    if (turnId === undefined) return [];
    const id = beforeQuestion(turnId);
    return [
      event("checkpoints", { id, parent_id: id, step: 0, source: "loop" }),
      event("values", { messages: messagesOf(view) }, "checkpoints"),
    ];
  });
}
