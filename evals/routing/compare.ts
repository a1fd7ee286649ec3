import { unpack } from "conversation-channel-router/weights.ts";
import { answerOf } from "./calibrated.ts";
import { type Calibration, calibrate } from "./fit/calibrate.ts";
import { learn, lesson } from "./fit/model.ts";
import { packed } from "./fit/packed.ts";
import { type Judged, judged, judgedByOthers, type Labelled, lessons } from "./held-out.ts";
import { type Interval, pairedDifference, stratifiedDifference } from "./intervals.ts";
import { folds, type Group, type Item } from "./items.ts";
import { isRight } from "./measure.ts";

/** What more training messages change. */
export interface Comparison {
  /** The difference in strict accuracy over all judged messages; real ones, openers and those in mid-session count the same. */
  overall: Interval;
  /** The same over the added messages. */
  added: Interval;
  /** The calibration with the added messages. */
  calibration: Calibration;
}

/**
 * Trains without and with the added messages, and judges both by the same folds. The added messages are judged in two halves, by models
 * that were trained without that half. `onStep` is told what is done next.
 */
export function compare(added: readonly Item[], onStep: (step: string) => void): Comparison {
  const more = added.map((item): Labelled => ({ item, lesson: lesson(item) }));
  const judge = (name: string, extra: readonly Labelled[]) =>
    folds.flatMap((fold, at) => {
      onStep(`${name}: fold ${at + 1} of ${folds.length}`);
      return judgedByOthers(
        [fold],
        extra.map((one) => one.lesson),
      );
    });
  const [before, after] = [judge("Without the added messages", []), judge("With them", more)];
  const [old, calibration] = [calibrate(before), calibrate(after)];
  onStep("The added messages, in two halves");
  const own: Group = { name: "added", kind: "real", items: [...added] };
  const addedBefore = judgeAdded(more, own, []);
  const addedAfter = [0, 1].flatMap((half) => {
    const isOwn = (at: number) => at % 2 === half;
    const others = more.filter((_, at) => !isOwn(at));
    return judgeAdded(
      more.filter((_, at) => isOwn(at)),
      own,
      others,
    );
  });
  const gains = (one: readonly Judged[], other: readonly Judged[]) => differences(one, old, other, calibration);
  const byKind = Map.groupBy(gains(before, after), ({ kind }) => (kind === "edge cases" ? "real" : kind));
  return {
    overall: stratifiedDifference([...byKind.values()].map((all) => all.map(({ gain }) => gain))),
    added: pairedDifference(gains(addedBefore, addedAfter).map(({ gain }) => gain)),
    calibration,
  };
}

function judgeAdded(own: readonly Labelled[], group: Group, others: readonly Labelled[]): Judged[] {
  const model = unpack(packed(learn([...lessons(), ...others].map((one) => one.lesson))));
  return own.map((one) => judged(one, group, model));
}

/** 1 for a message that became right, −1 for one that became wrong, else 0. */
function differences(before: readonly Judged[], old: Calibration, after: readonly Judged[], calibration: Calibration) {
  const rightBefore = new Map(before.map((one) => [one.item, isRight(answerOf({ judged: one, calibration: old }))]));
  return after.map((one) => ({
    kind: one.group.kind,
    gain: Number(isRight(answerOf({ judged: one, calibration }))) - Number(rightBefore.get(one.item)),
  }));
}
