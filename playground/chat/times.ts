import type { Part, TurnState } from "conversation-channel-client";
import { useRef } from "preact/hooks";

export type Step = Extract<Part, { type: "step" }>;

/** What the page measured of a turn, in ms. A time is missing if the page did not see its start. */
export interface Times {
  firstWordMs?: number;
  wholeMs?: number;
  thoughtMs?: number;
  /** By the step's place among the steps. */
  stepMs: readonly (number | undefined)[];
}

interface Clock {
  begunAt: number | undefined;
  /** When the turn was rendered last. */
  seenAt: number | undefined;
  thoughtAt: number | undefined;
  stepsAt: (number | undefined)[];
  times: { firstWordMs?: number; wholeMs?: number; thoughtMs?: number; stepMs: (number | undefined)[] };
}

export function isOver({ status }: TurnState): boolean {
  return status === "completed" || status === "stopped" || status === "failed" || status === "refused";
}

export function stepsOf({ parts }: TurnState): Step[] {
  return parts.filter((part): part is Step => part.type === "step");
}

/** Measures a turn while it is shown. */
export function useTimes(turn: TurnState): Times {
  const clock = useRef<Clock | undefined>(undefined);
  clock.current ??= newClock(turn);
  const { times, begunAt, seenAt, stepsAt } = clock.current;
  const now = performance.now();
  /** Then the server knows better how long it took. */
  const hasWaited = turn.parts.some(({ type }) => type === "request");
  const hasThoughts = turn.parts.some(({ type }) => type === "reasoning");
  if (begunAt !== undefined) {
    if (hasThoughts) clock.current.thoughtAt ??= now;
    if (turn.text !== "") times.firstWordMs ??= now - begunAt;
    if (isOver(turn) && !hasWaited) times.wholeMs ??= now - begunAt;
  }
  const { thoughtAt } = clock.current;
  if (thoughtAt !== undefined && (turn.text !== "" || isOver(turn))) times.thoughtMs ??= now - thoughtAt;
  for (const [index, { status }] of stepsOf(turn).entries()) {
    // A step that began and ended between two frames began after the frame before.
    stepsAt[index] ??= status === "running" ? now : seenAt;
    const startedAt = stepsAt[index];
    if (status !== "running" && startedAt !== undefined) times.stepMs[index] ??= now - startedAt;
  }
  clock.current.seenAt = begunAt === undefined ? undefined : now;
  return times;
}

/** If a turn was already running when it first appeared, its start time is unknown. */
function newClock({ text, parts, status, stage }: TurnState): Clock {
  const isBeginning = status === "sending" || stage === "accepted" || stage === "queued";
  const isNew = isBeginning && text === "" && parts.length === 0;
  const begunAt = isNew ? performance.now() : undefined;
  return { begunAt, seenAt: undefined, thoughtAt: undefined, stepsAt: [], times: { stepMs: [] } };
}
