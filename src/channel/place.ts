import type { Cursor } from "../turns/growing-text.ts";
import type { LiveTurn } from "../turns/live-turn.ts";

/** What was sent of a turn. */
export interface Place {
  turnId: string;
  answer: Cursor;
  reasoning: Cursor;
}

/** Of a member that sees the turn from its beginning. */
export function placeAtStart(turnId: string): Place {
  return { turnId, answer: { restarts: 0, offset: 0 }, reasoning: { restarts: 0, offset: 0 } };
}

/** Of a member that joins in the middle. It goes on at the offset, if the text is still the one that it has. */
export function placeFrom({ id: turnId, isElsewhere, answer, reasoning }: LiveTurn, offset: number | undefined): Place {
  const isNew = answer.restarts === 0 && answer.length === 0 && !offset && !isElsewhere;
  const isValid = answer.restarts === 0 && offset !== undefined && offset <= answer.length;
  return {
    turnId,
    answer: isNew || isValid ? { restarts: 0, offset: isValid ? offset : 0 } : { restarts: -1, offset: 0 },
    reasoning: reasoning || isElsewhere ? { restarts: -1, offset: 0 } : { restarts: 0, offset: 0 },
  };
}

/** Of a member that may have seen a part of the turn on another connection: it gets the whole texts. */
export function placeUnknown(turnId: string): Place {
  return { turnId, answer: { restarts: -1, offset: 0 }, reasoning: { restarts: -1, offset: 0 } };
}

/** The same for a turn that has ended. */
export function placeAfter({ id, answer }: LiveTurn): Place {
  const place = placeUnknown(id);
  return answer.length > 0 ? place : { ...place, answer: { restarts: answer.restarts, offset: 0 } };
}
