import type { Received } from "../support/conversation.ts";
import { isEnd } from "./device.ts";
import { isAccepted, type Op } from "./record.ts";
import type { Run } from "./run.ts";
import type { Script } from "./script.ts";

/** An accepted message, as known from the pushes. */
export interface Turn {
  id: string;
  op: Op;
  script: Script;
  replaces: Turn | undefined;
}

/** The message of a turn. A regenerated turn takes it from the turn that it replaces. */
export function contentOf({ script, replaces }: Turn): string {
  return script.content ?? (replaces ? contentOf(replaces) : "");
}

export function engineOf({ op, replaces }: Turn): string {
  return op.payload.options?.engine ?? (replaces ? engineOf(replaces) : "");
}

type Answer = "yes" | "maybe" | "no";

export type Model = ReturnType<typeof model>;

/**
 * What must and what may be the case after the pushes of a run. If two pushes overlapped, either of them may have taken
 * effect first.
 */
export function model({ ops, devices, scripts }: Run) {
  const turns = ops.flatMap((op): Turn[] => {
    const { script, reply } = op;
    if (!script || !reply || !isAccepted(op)) return [];
    return [{ id: reply.response.turn_id, op, script, replaces: undefined }];
  });
  const turnOf = (id: string | undefined) => turns.find((turn) => turn.id === id);
  for (const turn of turns) turn.replaces = turnOf(turn.op.reply?.response.replaces);
  const resets = ops.filter(({ event, reply }) => event === "new_conversation" && reply?.status !== "error");
  const ends = devices.flatMap(({ conversation }) =>
    conversation.events.filter((one) => isEnd(one.event, one.payload)),
  );

  /** A turn's terminal event, as it was first received. */
  function endOf(turn: Turn): Received | undefined {
    const own = ends.filter(({ payload }) => payload.turn_id === turn.id);
    return own.toSorted((one, other) => one.at - other.at)[0];
  }

  /** Whether a push may end turns that were accepted before it. */
  function endsOthers(op: Op): boolean {
    if (op.event === "new_conversation") return op.reply?.status !== "error";
    const isReplacing = op.event !== "message" || op.payload.options?.when_busy === "replace";
    return isReplacing && isAccepted(op);
  }

  function mayEnd(op: Op, turn: Turn): boolean {
    if (op === turn.op || precedes(op, turn.op)) return false;
    if (op.event === "stop") return op.payload.turn_id === undefined || op.payload.turn_id === turn.id;
    return endsOthers(op);
  }

  /** For each turn, the earliest time at which it can have ended, ignoring one push. */
  function earliestEnds(except?: Op): Map<Turn, number> {
    const earliest = new Map<Turn, number>();
    for (const turn of turns.toSorted((one, other) => one.op.begunAt - other.op.begunAt)) {
      const ahead = turns.filter((other) => precedes(other.op, turn.op)).map((other) => earliest.get(other) ?? 0);
      const stops = ops.filter((op) => op !== except && mayEnd(op, turn)).map(({ begunAt }) => begunAt);
      earliest.set(turn, Math.min(...stops, Math.max(turn.script.freeAt, ...ahead)));
    }
    return earliest;
  }

  /** The time from which a turn is known to have ended; infinite if it is not. */
  function overAt(turn: Turn): number {
    const told = endOf(turn)?.at ?? Number.POSITIVE_INFINITY;
    const reset = resets.filter((op) => precedes(turn.op, op));
    return Math.min(told, ...reset.map(({ repliedAt }) => repliedAt));
  }

  /** Whether a turn belongs to a session that this push ended. */
  function isReset(turn: Turn, reset: Op): Answer {
    if (precedes(turn.op, reset)) return "yes";
    return precedes(reset, turn.op) ? "no" : "maybe";
  }

  /** Whether a replacing turn removes this turn from the history. */
  function isSuperseded(turn: Turn, by: Turn): Answer {
    const from = by.replaces;
    if (!from || turn === by || precedes(by.op, turn.op)) return "no";
    if (turn !== from && precedes(turn.op, from.op)) return "no";
    const isAfter = turn === from || precedes(from.op, turn.op);
    return isAfter && precedes(turn.op, by.op) ? "yes" : "maybe";
  }

  /**
   * Which turns the history must and may contain at some time between two moments. One push can be ignored, and
   * the turn `own` has certainly taken effect.
   */
  function history(from: number, to: number, { without, own }: { without?: Op; own?: Turn } = {}) {
    function gone(turn: Turn): Answer {
      const answers = [
        ...resets.filter((op) => op.begunAt < to).map((op) => [isReset(turn, op), op.repliedAt <= from] as const),
        ...turns
          .filter((by) => by.op !== without && (by === own || by.op.begunAt < to))
          .map((by) => [isSuperseded(turn, by), by === own || by.op.repliedAt <= from] as const),
      ];
      if (answers.some(([answer, isSure]) => answer === "yes" && isSure)) return "yes";
      return answers.some(([answer]) => answer !== "no") ? "maybe" : "no";
    }
    const begun = turns.filter(({ op }) => op !== without && op.begunAt < to);
    return {
      must: new Set(begun.filter((turn) => turn.op.repliedAt <= from && gone(turn) === "no")),
      may: new Set(begun.filter((turn) => gone(turn) !== "yes")),
    };
  }

  const askedFor = ({ script }: Turn) => scripts.asked.filter((asked) => asked.script === script);

  return {
    ops,
    turns,
    resets,
    turnOf,
    endOf,
    mayEnd,
    endsOthers,
    earliestEnds,
    overAt,
    isReset,
    isSuperseded,
    history,
    askedFor,
    precedes,
  };
}

/** Whether one push certainly took effect before the other. Pushes of one device take effect in order. */
export function precedes(one: Op, other: Op): boolean {
  if (one.repliedAt <= other.begunAt) return true;
  return one.device === other.device && one.begunAt < other.begunAt && !one.isTwice;
}
