import { choose, favours, type Sharpness, sharpen } from "conversation-channel-router/model.ts";
import type { ConversationType } from "../../../graphs/engines.ts";
import type { Judged } from "../held-out.ts";
import { types } from "./model.ts";

/** How the model's probabilities become decisions. */
export interface Calibration {
  sharpness: Sharpness;
  followUpFavour: number;
  threshold: number;
}

/** The share of sure decisions that must be right, in every kind of messages. */
const sureRight = 0.92;

/** How much lenient accuracy of messages with a history may be given up to lose fewer follow-ups. */
const priceOfFavour = 0.005;

/**
 * Chooses sharpness, favour and threshold by messages that the model has not seen. The exponents are fitted as if all types, and real
 * and written messages, were equally frequent, so that the mix of the training messages does not show in the confidence.
 */
export function calibrate(judged: readonly Judged[]): Calibration {
  const sharpness = {
    openers: sharpest(judged.filter(({ isOpener }) => isOpener)),
    others: sharpest(judged.filter(({ isOpener, group }) => !isOpener && group.kind === "real")),
  };
  const sharp = judged.map((one) => ({ ...one, shares: sharpened(one, sharpness) }));
  const followUpFavour = largestFavour(sharp);
  return { sharpness, followUpFavour, threshold: smallestThreshold(sharp, followUpFavour) };
}

/** The calibrated probabilities of a judged message. */
export function sharpened({ shares, isOpener }: Judged, { openers, others }: Sharpness): Float64Array {
  return sharpen(shares.slice(), isOpener ? openers : others);
}

/** The exponent that gives the labels the highest likelihood, with each type and kind at the same weight. */
function sharpest(judged: readonly Judged[]): number {
  const cell = ({ item, group }: Judged) => `${group.kind === "real"} ${item.label}`;
  const frequency = Map.groupBy(judged, cell);
  let best = { power: 1, loss: Number.POSITIVE_INFINITY };
  for (let power = 0.4; power <= 2.4; power += 0.02) {
    let loss = 0;
    for (const one of judged) {
      const share = sharpen(one.shares.slice(), power)[types.indexOf(one.item.label as ConversationType)] ?? 0;
      loss -= Math.log(Math.max(1e-4, share)) / (frequency.get(cell(one))?.length ?? 1);
    }
    if (loss < best.loss) best = { power, loss };
  }
  return Math.round(best.power * 100) / 100;
}

/** The largest favour that costs hardly any lenient accuracy, real and written mid-session messages counting the same. */
function largestFavour(judged: readonly Judged[]): number {
  const kindsWithHistory = (["real", "mid-session"] as const).map((kind) =>
    judged.filter(({ item, group }) => group.kind === kind && item.history.length > 0),
  );
  const lenient = (favour: number) =>
    mean(kindsWithHistory.map((all) => mean(all.map((one) => (isAcceptable(one, favour) ? 1 : 0)))));
  const favours = Array.from({ length: 31 }, (_, step) => 1 + step / 10);
  const best = Math.max(...favours.map(lenient));
  return Math.max(...favours.filter((favour) => lenient(favour) >= best - priceOfFavour));
}

function isAcceptable({ item, shares }: Judged, favour: number): boolean {
  const type = types[choose(shares, favours(types.length, favour))] ?? "";
  return item.label === type || item.alt_labels.includes(type);
}

/** The smallest confidence from which on enough decisions are right, of real messages and of openers. */
function smallestThreshold(judged: readonly Judged[], followUpFavour: number): number {
  const needed = (["real", "openers"] as const).map((kind) => {
    const sorted = judged
      .filter(({ group }) => group.kind === kind)
      .map(({ item, shares }) => {
        const chosen = choose(shares, favours(types.length, followUpFavour));
        return { confidence: shares[chosen] ?? 0, isRight: types[chosen] === item.label };
      })
      .sort((a, b) => b.confidence - a.confidence);
    let right = 0;
    let threshold = 1;
    for (const [at, one] of sorted.entries()) {
      if (one.isRight) right++;
      if (right >= sureRight * (at + 1)) threshold = one.confidence;
    }
    return threshold;
  });
  return Math.ceil(Math.max(...needed) * 1000) / 1000;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
