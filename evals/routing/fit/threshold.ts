import type { ConversationType } from "../../../graphs/engines.ts";
import type { Judged } from "../held-out.ts";
import { answers, isRight, share } from "../measure.ts";
import { types } from "./model.ts";

/** The exponent for the probabilities that gives the held-out labels the highest likelihood. */
export function sharpest(judged: readonly Judged[]): number {
  let best = { power: 1, loss: Number.POSITIVE_INFINITY };
  for (let power = 0.6; power <= 1.8; power += 0.02) {
    let loss = 0;
    for (const { item, shares } of judged) {
      const powers = shares.map((one) => one ** power);
      const sum = powers.reduce((total, one) => total + one, 0);
      loss -= Math.log(Math.max(1e-4, (powers[types.indexOf(item.label as ConversationType)] ?? 0) / sum));
    }
    if (loss < best.loss) best = { power, loss };
  }
  return best.power;
}

/** The cost of a wrong decision in model calls: the user reads an answer from the wrong engine and has to ask again. */
const costOfWrong = 5;

/**
 * The threshold with the lowest total cost: a model call costs 1, a wrong local decision `costOfWrong`. Just above the
 * threshold, at least 1 - 1/costOfWrong of the local decisions are right.
 */
export function thresholdFor(judged: readonly Judged[], sharpness: number, followUpFavour: number) {
  const sharpened = judged.map((one) => {
    const powers = one.shares.map((share) => share ** sharpness);
    const sum = powers.reduce((total, power) => total + power, 0);
    return { ...one, shares: powers.map((power) => power / sum) };
  });
  const sorted = answers(sharpened, followUpFavour).sort((a, b) => b.confidence - a.confidence);
  let best = { threshold: 1, cost: sorted.length, taken: 0 };
  let wrong = 0;
  for (const [at, answer] of sorted.entries()) {
    if (!isRight(answer)) wrong++;
    const cost = wrong * costOfWrong + (sorted.length - at - 1);
    if (cost < best.cost) best = { threshold: answer.confidence, cost, taken: at + 1 };
  }
  return {
    threshold: Math.floor(best.threshold * 1000) / 1000,
    coverage: best.taken / sorted.length,
    strict: share(sorted.slice(0, best.taken), isRight),
  };
}
