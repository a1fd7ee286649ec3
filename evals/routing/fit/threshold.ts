import type { ConversationType } from "../../../graphs/engines.ts";
import type { Judged } from "../held-out.ts";
import { answers, isRight, share } from "../measure.ts";
import { types } from "./model.ts";

/** The power of the probabilities that makes the held-out labels most likely. */
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

/** The threshold above which the surest messages are: this share of them is decided without the model stage. */
const decidedLocally = 0.31;

export function thresholdFor(judged: readonly Judged[], sharpness: number, followUpFavour: number) {
  const sharpened = judged.map((one) => {
    const powers = one.shares.map((share) => share ** sharpness);
    const sum = powers.reduce((total, power) => total + power, 0);
    return { ...one, shares: powers.map((power) => power / sum) };
  });
  const sorted = answers(sharpened, followUpFavour).sort((a, b) => b.confidence - a.confidence);
  const surest = sorted.slice(0, Math.round(sorted.length * decidedLocally));
  return {
    threshold: Math.floor((surest.at(-1)?.confidence ?? 1) * 1000) / 1000,
    coverage: surest.length / sorted.length,
    strict: share(surest, isRight),
  };
}
