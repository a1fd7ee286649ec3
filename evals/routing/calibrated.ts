import { choose, favours } from "conversation-channel-router/model.ts";
import { type Calibration, calibrate, sharpened } from "./fit/calibrate.ts";
import { types } from "./fit/model.ts";
import type { Judged } from "./held-out.ts";
import { folds, type Group } from "./items.ts";
import type { Answer } from "./measure.ts";

/** A judged message with the calibration that was chosen without its fold. */
export interface Calibrated {
  judged: Judged;
  calibration: Calibration;
}

/** Chooses the calibration of each fold by the messages of the other folds, so that no figure knows its own messages. */
export function calibratedByOthers(judged: readonly Judged[]): Calibrated[] {
  const foldOf = new Map(folds.flatMap((fold) => fold.map((group): [Group, Group[]] => [group, fold])));
  return folds.flatMap((fold) => {
    const isOwn = ({ group }: Judged) => foldOf.get(group) === fold;
    const own = judged.filter(isOwn);
    if (own.length === 0) return [];
    const calibration = calibrate(judged.filter((one) => !isOwn(one)));
    return own.map((one) => ({ judged: one, calibration }));
  });
}

/** The router's decision. `followUpFavour` replaces that of the calibration. */
export function answerOf({ judged, calibration }: Calibrated, followUpFavour = calibration.followUpFavour): Answer {
  const { item, group } = judged;
  const shares = sharpened(judged, calibration.sharpness);
  const chosen = choose(shares, favours(types.length, followUpFavour));
  const confidence = shares[chosen] ?? 0;
  return { item, group, type: types[chosen] ?? "", confidence, sure: confidence >= calibration.threshold };
}
