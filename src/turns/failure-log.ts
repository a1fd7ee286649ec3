import { ModelFailure } from "../../graphs/failure.ts";
import type { JsonObject } from "../../graphs/host.ts";
import type { StepFailure } from "../../graphs/progress.ts";
import type { Log } from "../telemetry/log.ts";
import { type OperatorNote, operatorNotes } from "./operator-notes.ts";

/** What is wrong with a model server is told once in so many ms. */
const silentMs = 60_000;

/** Different troubles that are remembered. */
const maxTroubles = 200;

/** A step that failed, and why, if its model did. */
export interface FailedStep {
  step: string;
  failure: StepFailure;
  cause: ModelFailure | undefined;
}

/** Logs what fails. A model server's trouble and what to do about it stand in one line a minute; lines in between are short, or only for `debug`. */
export interface FailureLog {
  /** One line. */
  turn(
    fields: { turn_id: string; engine: string | undefined; code: string },
    error: unknown,
    steps: FailedStep[],
  ): void;
  /** The steps of a turn that did not fail. */
  steps(turn_id: string, steps: FailedStep[]): void;
  summary(session_id: string, error: unknown): void;
  /** For the operator: why one of the latest turns failed. */
  noteOf(turnId: string): OperatorNote | undefined;
}

export function failureLog(log: Log, now: () => number = Date.now): FailureLog {
  const notes = operatorNotes();
  const troubles = new Map<string, { toldAt: number; untold: number }>();

  /** What is to be told. Undefined if it was told a moment ago. */
  function news(trouble: JsonObject): JsonObject | undefined {
    const key = JSON.stringify(trouble).replaceAll(/\d+/g, "0");
    const known = troubles.get(key);
    if (known && now() - known.toldAt < silentMs) {
      known.untold += 1;
      return undefined;
    }
    troubles.delete(key);
    troubles.set(key, { toldAt: now(), untold: 0 });
    const [oldest] = troubles.keys();
    if (troubles.size > maxTroubles && oldest !== undefined) troubles.delete(oldest);
    return known && known.untold > 0 ? { ...trouble, untold: known.untold } : trouble;
  }

  function step(turn_id: string, { step, failure: { code, model }, cause }: FailedStep): void {
    const fields = { turn_id, step, code, model };
    const told = news(cause ? troubleOf(cause) : { step, code, model });
    const words = "a step failed; the turn continued without it";
    if (told) log.warn({ ...fields, ...told }, words);
    else log.debug(fields, words);
  }

  return {
    turn(fields, error, steps) {
      notes.add(fields.turn_id, error);
      if (error instanceof ModelFailure) log.warn({ ...fields, ...news(troubleOf(error)) }, "turn failed");
      else log.warn({ ...fields, err: error }, "turn failed");
      for (const one of steps) step(fields.turn_id, one);
    },
    steps(turn_id, steps) {
      for (const one of steps) step(turn_id, one);
    },
    summary(session_id, error) {
      const told = error instanceof ModelFailure ? news(troubleOf(error)) : { err: error };
      log[told ? "warn" : "debug"]({ session_id, ...told }, "the summary failed");
    },
    noteOf: notes.of,
  };
}

function troubleOf({ message: reason, diagnosis, help }: ModelFailure): JsonObject {
  return { ...diagnosis, reason, help };
}
